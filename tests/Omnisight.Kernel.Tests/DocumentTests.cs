using System.Text.Json;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Kernel.Tests;

/// <summary>The kernel's documents as files that can't be written, or that somebody removes.</summary>
public sealed class DocumentTests
{
    [Fact]
    public async Task A_document_that_could_not_be_written_is_counted_and_written_as_soon_as_it_can_be()
    {
        await using var test = WithFiles();
        var node = await test.StartAsync();
        var path = FileOf(test, "config");
        await Eventually.Become(() => File.Exists(path), "the document is there");

        // What stands in the way of a rename, also for root.
        File.Delete(path);
        Directory.CreateDirectory(Path.Combine(path, "in the way"));
        await Update(node, """{"module":"good","config":{"step":7}}""");
        await Eventually.Become(() => Read(FileOf(test, "stats")) is { } stats && stats.GetProperty("stats_write_errors").GetInt64() > 0, "the failure is counted");
        node.Status.ShouldBe("running");

        Directory.Delete(path, recursive: true);
        await Eventually.Become(() => Read(path) is { } config && config.GetProperty("values").GetProperty("Fixtures.Good").GetProperty("Step").GetInt32() == 7, "the change is in the document");
    }

    [Fact]
    public async Task A_document_that_is_removed_comes_back()
    {
        await using var test = WithFiles();
        var node = await test.StartAsync();
        await Eventually.Become(() => node.ListChannels().Any(c => c.Name == "config") && Read(FileOf(test, "status")) is { } status && status.GetProperty("ipc").TryGetProperty("config", out _), "the core has listed it");
        File.Delete(FileOf(test, "config"));
        await Eventually.Become(() => File.Exists(FileOf(test, "config")), "the document is there again");
    }

    [Fact]
    public async Task A_change_of_a_plugin_that_runs_elsewhere_is_not_said_to_be_done()
    {
        await using var test = WithFiles();
        test.Install("Fixtures.RawThread");
        var node = await test.StartAsync();

        const string Change = """{"module":"Fixtures.RawThread","config":{"delay_ms":300}PERSIST}""";
        var answer = await Update(node, Change.Replace("PERSIST", "", StringComparison.Ordinal));
        answer.Code.ShouldBe("not_running_here");
        answer.Message.ShouldContain("Fixtures.RawThread");
        File.Exists(test.ConfigurationFile.Replace(".json", ".local.json", StringComparison.Ordinal)).ShouldBeFalse();

        answer = await Update(node, Change.Replace("PERSIST", ",\"persist\":true", StringComparison.Ordinal));
        answer.Success.ShouldBeTrue(answer.Message);
        answer.Data.GetProperty("restart_required")[0].GetString().ShouldBe("Fixtures.RawThread:DelayMs");
        foreach (var data in (string[])["""{"module":5,"config":{}}""", """{"module":"good","config":{"step":7},"persist":"yes"}""", """{"module":"good","config":{"step":7},"dryrun":true}"""])
        {
            (await Update(node, data)).Code.ShouldBe("bad_value");
        }
    }

    private static TestNode WithFiles()
    {
        var test = new TestNode("Fixtures.Memory", "Fixtures.Good");
        test.InstallJsonFile();
        foreach (var channel in (string[])["stats", "status", "plugins", "config"])
        {
            test.Set($"Channels:{channel}:Transport", "jsonfile");
        }

        return test;
    }

    private static string FileOf(TestNode test, string channel) => Path.Combine(test.RuntimeDirectory, $"{test.Instance}_{channel}.json");

    private static JsonElement? Read(string path)
    {
        try
        {
            return JsonElement.Parse(File.ReadAllBytes(path));
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static async Task<Acknowledgement> Update(Node node, string data) =>
        await node.Commands.SendAsync("CONFIG_UPDATE", JsonElement.Parse(data), TimeSpan.FromSeconds(20));
}
