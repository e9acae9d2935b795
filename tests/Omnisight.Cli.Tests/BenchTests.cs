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
        foreach (var (name, members) in new[]
        {
            ("publish_ns", new[] { "p50", "p99" }), ("read_ns", ["p50", "p99"]), ("lease_ns", ["p50", "p99"]), ("latency_us", ["p50", "p99", "p999", "max"]),
            ("handover_us", ["p50", "p99"]), ("carrying_us", ["p50", "p99"]), ("paced_publish_ns", ["p50"]), ("paced_publish_floor_ns", ["p50"]),
            ("take_ns", ["p50"]), ("take_floor_ns", ["p50"]), ("rss_bytes", ["publisher", "reader"]),
        })
        {
            foreach (var member in members)
            {
                root.GetProperty(name).GetProperty(member).GetDouble().ShouldBeGreaterThan(0, $"{name}.{member}");
            }
        }

        root.GetProperty("floor_ns").GetDouble().ShouldBeGreaterThan(0);
        foreach (var flaw in new[] { "torn", "crc", "backward" })
        {
            root.GetProperty(flaw).GetInt64().ShouldBe(0, flaw);
        }

        root.GetProperty("gaps").GetInt64().ShouldBeGreaterThanOrEqualTo(0);
        (root.GetProperty("received").GetInt64() + root.GetProperty("lost").GetInt64()).ShouldBe(400, "two readers, 200 frames");
        root.GetProperty("ipc_bytes").GetInt64().ShouldBe(4096 + (4 * 5312));
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
            root.GetProperty(name).GetProperty("p50").GetDouble().ShouldBeGreaterThan(0, name);
        }

        Directory.EnumerateFiles("/dev/shm", $"*bench-{bench.Id}*", new EnumerationOptions { AttributesToSkip = 0 }).ShouldBeEmpty();
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
