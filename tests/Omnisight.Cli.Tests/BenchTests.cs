using System.Text.Json;
using Omnisight.TestKit;
using Shouldly;
using Xunit;

namespace Omnisight.Cli.Tests;

/// <summary><c>omnisight bench</c> with its real processes; what it measures is its own business here.</summary>
[Trait("Category", "Process")]
public sealed class BenchTests
{
    [Fact]
    public async Task Bench_prints_one_object_with_every_figure_and_leaves_nothing_behind()
    {
        var plot = Path.Combine(Path.GetTempPath(), $"bench-{Guid.NewGuid():n}.png");
        using var bench = ChildProcess.StartDotnet(
            TestPaths.Cli, ["bench", "detections", "--mode", "lease", "--readers", "2", "-n", "200", "--rate", "500", "--format", "json", "--plot", plot]);

        (await bench.WaitForExit(TimeSpan.FromMinutes(2))).ShouldBe(0, bench.Transcript());

        using var result = JsonDocument.Parse(bench.Output.ShouldHaveSingleItem());
        var root = result.RootElement;
        root.GetProperty("channel").GetString().ShouldBe("detections");
        root.GetProperty("mode").GetString().ShouldBe("lease");
        (root.GetProperty("readers").GetInt32(), root.GetProperty("frames").GetInt32()).ShouldBe((2, 200));
        foreach (var name in new[]
        {
            "publish_ns", "publish_floor_ns", "read_ns", "read_floor_ns", "lease_ns", "latency_us", "handover_us", "carrying_us",
            "paced_publish_ns", "paced_publish_floor_ns", "take_ns", "take_floor_ns",
        })
        {
            ShouldHavePercentiles(root, name);
        }

        foreach (var ratio in new[] { "publish_ratio", "read_ratio", "lease_ratio", "latency_ratio_p50", "latency_ratio_p99", "paced_publish_ratio", "take_ratio" })
        {
            root.GetProperty(ratio).GetDouble().ShouldBeGreaterThan(0, ratio);
        }

        foreach (var end in new[] { "publisher", "reader" })
        {
            root.GetProperty("rss_bytes").GetProperty(end).GetInt64().ShouldBeGreaterThan(1_000_000, end);
        }

        foreach (var flaw in new[] { "torn", "crc", "backward" })
        {
            root.GetProperty(flaw).GetInt64().ShouldBe(0, flaw);
        }

        root.GetProperty("gaps").GetInt64().ShouldBeGreaterThanOrEqualTo(0);
        (root.GetProperty("received").GetInt64() + root.GetProperty("lost").GetInt64()).ShouldBe(400, "two readers, 200 frames");
        root.GetProperty("ipc_bytes").GetInt64().ShouldBe(4096 + (4 * 5312));
        File.ReadAllBytes(plot)[1..4].ShouldBe("PNG"u8.ToArray());
        new FileInfo(plot).Length.ShouldBeGreaterThan(1000);
        File.Delete(plot);
        Directory.EnumerateFiles("/dev/shm", $"*bench-{bench.Id}*", new EnumerationOptions { AttributesToSkip = 0 }).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_an_image_costs_beyond_its_filling_is_a_figure_of_its_own()
    {
        using var bench = ChildProcess.StartDotnet(TestPaths.Cli, ["bench", "video", "--mode", "lease", "-n", "10", "--format", "json"]);

        (await bench.WaitForExit(TimeSpan.FromMinutes(2))).ShouldBe(0, bench.Transcript());

        using var result = JsonDocument.Parse(bench.Output.ShouldHaveSingleItem());
        var added = result.RootElement.GetProperty("added_us").GetProperty("p50").GetDouble();
        added.ShouldBeGreaterThan(0);
        result.RootElement.GetProperty("latency_us").GetProperty("p50").GetDouble().ShouldBeGreaterThan(added);
        result.RootElement.GetProperty("carrying_us").GetProperty("p50").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Fan_out_compares_one_polling_reader_with_many_and_leaves_nothing_behind()
    {
        using var bench = ChildProcess.StartDotnet(TestPaths.Cli, ["bench", "fan-out", "--readers", "3", "--format", "json"]);

        (await bench.WaitForExit(TimeSpan.FromMinutes(2))).ShouldBe(0, bench.Transcript());

        using var result = JsonDocument.Parse(bench.Output.ShouldHaveSingleItem());
        var root = result.RootElement;
        root.GetProperty("readers").GetInt32().ShouldBe(3);
        root.GetProperty("flaws").GetInt64().ShouldBe(0);
        foreach (var name in new[] { "publish_one_ns", "publish_all_ns", "read_one_ns", "read_all_ns" })
        {
            ShouldHavePercentiles(root, name);
        }

        Directory.EnumerateFiles("/dev/shm", $"*bench-{bench.Id}*", new EnumerationOptions { AttributesToSkip = 0 }).ShouldBeEmpty();
    }

    private static void ShouldHavePercentiles(JsonElement root, string name)
    {
        var figures = new[] { "p50", "p95", "p99", "p999", "max" }.Select(percentile => root.GetProperty(name).GetProperty(percentile).GetDouble()).ToArray();
        figures[0].ShouldBeGreaterThan(0, name);
        figures.ShouldBeInOrder(SortDirection.Ascending, name);
    }

    [Fact]
    public async Task Commands_are_measured_to_a_node_and_back_and_many_clients_lose_none()
    {
        using var bench = ChildProcess.StartDotnet(TestPaths.Cli, ["bench", "commands", "-n", "200", "--clients", "3", "--format", "json"]);

        (await bench.WaitForExit(TimeSpan.FromMinutes(2))).ShouldBe(0, bench.Transcript());

        using var result = JsonDocument.Parse(bench.Output.ShouldHaveSingleItem());
        var root = result.RootElement;
        root.GetProperty("core_version").GetString().ShouldNotBeNullOrEmpty("only a node says its version");
        (root.GetProperty("commands").GetInt32(), root.GetProperty("clients_commands").GetInt32()).ShouldBe((200, 600));
        (root.GetProperty("lost").GetInt32(), root.GetProperty("wrong").GetInt32()).ShouldBe((0, 0));
        root.GetProperty("floor_us").GetDouble().ShouldBeGreaterThan(0);
        foreach (var name in new[] { "p50", "p99", "max" })
        {
            root.GetProperty("rtt_us").GetProperty(name).GetDouble().ShouldBeGreaterThan(0, name);
        }
    }

    [Theory]
    [InlineData("bench knows no channel 'nonsense'", "bench", "nonsense")]
    [InlineData("video is measured with leases", "bench", "video", "-n", "5")]
    [InlineData("--readers is 0", "bench", "--readers", "0")]
    [InlineData("--readers is -1", "bench", "fan-out", "--readers", "-1")]
    public async Task What_can_not_be_measured_is_said(string message, params string[] arguments)
    {
        using var bench = ChildProcess.StartDotnet(TestPaths.Cli, arguments);

        (await bench.WaitForExit()).ShouldBe(2);
        bench.Transcript().ShouldContain(message);
    }
}
