using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.TestKit;
using Shouldly;
using Xunit;

namespace Omnisight.Commands.Tests;

public sealed class AuditLogTests : IDisposable
{
    private readonly TestInstance _instance = new();

    private string FilePath => _instance.FilePath(_instance.Name + "_audit.ndjson");

    public void Dispose() => _instance.Dispose();

    [Fact]
    public void A_line_says_who_asked_for_what_and_what_became_of_it()
    {
        using (var log = Open())
        {
            log.Write(Entry("SHUTDOWN") with { KeyId = "ab", RequestId = "r\n1", Detail = "12-34" });
        }

        var line = JsonElement.Parse(File.ReadAllLines(FilePath).ShouldHaveSingleItem());
        line.GetProperty("action").GetString().ShouldBe("SHUTDOWN");
        line.GetProperty("outcome").GetString().ShouldBe("success");
        line.GetProperty("key").GetString().ShouldBe("ab");
        line.GetProperty("request_id").GetString().ShouldBe("r\n1");
        line.GetProperty("pid").GetInt32().ShouldBe(Environment.ProcessId);
        File.GetUnixFileMode(FilePath).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void Lines_are_added_to_those_of_earlier_starts()
    {
        for (var i = 0; i < 3; i++)
        {
            using var log = Open();
            log.Write(Entry($"A{i}"));
        }

        File.ReadAllLines(FilePath).Length.ShouldBe(3);
    }

    [Fact]
    public void After_half_a_line_the_next_one_begins_afresh()
    {
        using (var before = Open())
        {
            before.Write(Entry("BEFORE"));
        }

        // What a full disk or a kill leaves: the write of a line that ended inside it.
        File.AppendAllText(FilePath, """{"timestamp":17,"act""");

        using var log = Open();
        log.Write(Entry("AFTER"));
        log.Write(Entry("LAST"));

        var lines = File.ReadAllLines(FilePath);
        lines.Length.ShouldBe(4);
        new[] { lines[0], lines[2], lines[3] }.Select(l => JsonElement.Parse(l).GetProperty("action").GetString()).ShouldBe(["BEFORE", "AFTER", "LAST"]);
    }

    [Fact]
    public async Task Several_writers_rotate_the_file_and_lose_no_line()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            using var log = Open(maxBytes: 8_000);
            for (var i = 0; i < 60; i++)
            {
                log.Write(Entry($"W{writer}.{i:000}"));
            }
        })));

        var files = Directory.GetFiles(_instance.Directory, Path.GetFileName(FilePath) + "*");
        files.Length.ShouldBeInRange(2, 5);
        var actions = files.SelectMany(File.ReadAllLines).Select(l => JsonElement.Parse(l).GetProperty("action").GetString()).ToList();
        actions.Distinct().Count().ShouldBe(actions.Count);
        actions.Count.ShouldBe(240);
    }

    [Fact]
    public void A_file_that_can_not_be_rotated_grows_on_is_told_once_and_rotated_when_it_can_be()
    {
        var inTheWay = Directory.CreateDirectory(FilePath + ".1").FullName;
        File.WriteAllText(Path.Combine(inTheWay, "x"), "");
        var logger = new CapturedLog();
        using var log = AuditLog.Open(_instance.Directory, _instance.Name, TimeProvider.System, logger, maxBytes: 500);
        for (var i = 0; i < 20; i++)
        {
            log.Write(Entry($"A{i}"));
        }

        File.ReadAllLines(FilePath).Length.ShouldBe(20, "no line is lost");
        logger.Lines.ShouldHaveSingleItem().ShouldContain("can't be rotated");

        Directory.Delete(inTheWay, recursive: true);
        log.Write(Entry("LAST"));
        File.ReadAllLines(FilePath).ShouldHaveSingleItem().ShouldContain("LAST");
        File.ReadAllLines(FilePath + ".1").Length.ShouldBe(20);
    }

    [Fact]
    public void Only_the_newest_files_are_kept()
    {
        using var log = Open(maxBytes: 500);
        for (var i = 0; i < 100; i++)
        {
            log.Write(Entry($"A{i}"));
        }

        Directory.GetFiles(_instance.Directory).Select(Path.GetFileName).ShouldBe(
            new[] { "", ".1", ".2", ".3", ".4" }.Select(n => Path.GetFileName(FilePath) + n), ignoreOrder: true);
        File.ReadAllText(FilePath).ShouldContain("A99");
    }

    [Fact]
    public void A_file_that_others_may_write_is_refused()
    {
        File.WriteAllText(FilePath, "");
        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);

        Should.Throw<TransportException>(() => Open()).Error.ShouldBe(TransportError.Unsafe);
    }

    private static AuditEntry Entry(string action) => new() { Source = "test", Action = action, Outcome = "success" };

    private AuditLog Open(long maxBytes = 1 << 20) => AuditLog.Open(_instance.Directory, _instance.Name, TimeProvider.System, NullLogger.Instance, maxBytes);
}
