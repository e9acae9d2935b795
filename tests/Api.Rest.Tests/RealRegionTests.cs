using System.Buffers.Binary;
using System.Net;
using System.Text.Json;
using Omnisight.Api.Rest.Tests.Node;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Api.Rest.Tests;

/// <summary>A real API process beside a real core whose shared memory was tampered with: an answer with the reason, never a 500, never a crash.</summary>
[Trait("Category", "Process")]
public class RealRegionTests
{
    private const string Detections = "/api/perception/detections";

    [Theory]
    [InlineData("bad_magic")]
    [InlineData("version_mismatch")]
    [InlineData("bad_layout: slots")]
    [InlineData("bad_layout: header")]
    [InlineData("bad_layout: stride")]
    [InlineData("crc")]
    [InlineData("count: 51")]
    [InlineData("count: 2147483648")]
    [InlineData("count: 4294967295")]
    [InlineData("unsafe_owner")]
    [InlineData("unsafe_owner: symlink")]
    [InlineData("truncated")]
    public async Task What_cannot_be_accepted_is_refused_with_its_reason(string fault)
    {
        using var node = new NodeProcesses();
        var core = await StoppedCore(node);
        using (var region = new RealRegion(node.Region("detections")))
        {
            Spoil(region, node.Region("detections"), fault);
        }

        var api = await node.StartApi("api", "--set", "Channels:detections:StaleAfter=01:00:00");
        var error = await node.GetWhen(Detections, HttpStatusCode.ServiceUnavailable, e => e.GetProperty("code").GetString() != "not_ready");
        var (expected, code) = (fault.Split(':')[0], error.GetProperty("code").GetString());
        (code == expected || (expected == "truncated" && code == "bad_layout") || (fault.EndsWith("symlink", StringComparison.Ordinal) && code == "symlink")).ShouldBeTrue($"{fault} was answered with {error}");
        error.GetProperty("errors").GetProperty("detections").GetString().ShouldNotBeNullOrEmpty();
        (await node.Client.GetStringAsync("/metrics")).ShouldContain($"omnisight_shm_reject_total{{channel=\"detections\",reason=\"{code}\"}}");
        (await node.Client.GetAsync("/healthz")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await node.Client.GetAsync("/api/health")).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await node.Client.GetAsync("/api/channels")).StatusCode.ShouldBe(HttpStatusCode.OK);
        api.HasExited.ShouldBeFalse();
        core.HasExited.ShouldBeFalse();
    }

    [Fact]
    public async Task An_object_with_a_value_that_is_no_number_is_left_out_and_counted()
    {
        using var node = new NodeProcesses();
        _ = await StoppedCore(node);
        var count = 0;
        using (var region = new RealRegion(node.Region("detections")))
        {
            region.ChangePayload(
                p =>
                {
                    count = BinaryPrimitives.ReadInt32LittleEndian(p.AsSpan(24));
                    BinaryPrimitives.WriteSingleLittleEndian(p.AsSpan(40 + 8), float.NaN);
                },
                seal: true);
        }

        count.ShouldBeGreaterThan(0);
        _ = await node.StartApi("api", "--set", "Channels:detections:StaleAfter=01:00:00");
        var data = (await node.GetWhen(Detections, HttpStatusCode.OK)).GetProperty("data");
        data.GetProperty("detections").GetArrayLength().ShouldBe(count - 1);
        (await node.Client.GetStringAsync("/metrics")).ShouldContain("omnisight_shm_reject_total{channel=\"detections\",reason=\"value\"} 1");
    }

    [Theory]
    [InlineData("truncate")]
    [InlineData("remove")]
    public async Task A_region_that_is_lost_while_it_is_read_leaves_the_last_good_value_and_its_successor_is_found(string how)
    {
        using var node = new NodeProcesses();
        var core = await StoppedCore(node, proceed: true);
        var api = await node.StartApi("api");
        _ = await node.GetWhen(Detections, HttpStatusCode.OK);
        core.Signal(ChildProcess.SigKill);
        if (how == "truncate")
        {
            using var region = new RealRegion(node.Region("detections"));
            region.Truncate();
        }
        else
        {
            File.Delete(node.Region("detections"));
        }

        var seen = new HashSet<HttpStatusCode>();
        await Eventually.Become(
            async () =>
            {
                using var response = await node.Client.GetAsync(Detections);
                _ = seen.Add(response.StatusCode);
                return response.StatusCode == HttpStatusCode.ServiceUnavailable;
            },
            "it grows too old to be served");
        seen.ShouldBe([HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable], ignoreOrder: true);
        _ = node.StartCore();
        _ = await node.GetWhen(Detections, HttpStatusCode.OK, a => !a.GetProperty("data").GetProperty("stale").GetBoolean());
        api.HasExited.ShouldBeFalse();
    }

    /// <summary>A core that has published frames with objects and then stands still, so that its last frame is there to be changed.</summary>
    private static async Task<ChildProcess> StoppedCore(NodeProcesses node, bool proceed = false)
    {
        var core = node.Start("core", "--set", "Perception.Simulator:MissRate=0", "--set", "Perception.Simulator:Walkers=5");
        await Eventually.Become(
            () =>
            {
                if (!File.Exists(node.Region("detections")))
                {
                    return false;
                }

                using var region = new RealRegion(node.Region("detections"));
                return region.Read(128) > 3;
            },
            "frames are published");
        if (!proceed)
        {
            core.Signal(ChildProcess.SigStop);
        }

        return core;
    }

    private static void Spoil(RealRegion region, string path, string fault)
    {
        switch (fault)
        {
            case "bad_magic":
                region.Write(RealRegion.Magic, BinaryPrimitives.ReverseEndianness(region.Read(RealRegion.Magic)));
                break;
            case "version_mismatch":
                region.Write(RealRegion.Major, region.Read(RealRegion.Major) + 1);
                break;
            case "bad_layout: slots":
                region.Write(RealRegion.SlotCount, 0);
                break;
            case "bad_layout: header":
                region.Write(RealRegion.HeaderBytes, uint.MaxValue - 63);
                break;
            case "bad_layout: stride":
                region.Write(RealRegion.SlotStride, 0xFFFF_FFC0);
                break;
            case "crc":
                region.ChangePayload(p => p[50] ^= 1, seal: false);
                break;
            case "unsafe_owner":
                File.SetUnixFileMode(path, (UnixFileMode)0b110_110_110);
                break;
            case "unsafe_owner: symlink":
                File.Move(path, path + ".moved");
                _ = File.CreateSymbolicLink(path, path + ".moved");
                break;
            case "truncated":
                region.Truncate();
                break;
            default:
                region.ChangePayload(p => BinaryPrimitives.WriteUInt32LittleEndian(p.AsSpan(24), uint.Parse(fault.Split(' ')[1])), seal: false);
                break;
        }
    }
}
