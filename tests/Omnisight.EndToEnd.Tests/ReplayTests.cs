using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Omnisight.EndToEnd.Tests;

/// <summary>Real detections through shared memory: one process publishes, another serves.</summary>
[Trait("Category", "Process")]
public sealed class ReplayTests : IDisposable
{
    private const int Frames = 71, Width = 640, Height = 480;
    private readonly Installation _installation = new();

    [Fact]
    public async Task Each_of_the_71_frames_that_the_API_returns_is_the_files()
    {
        Assert.SkipWhen(TestPaths.Data is null, "no evaluation data: set OMNISIGHT_TEST_DATA to a folder with mot/TUD-Campus");
        var folder = Path.Combine(TestPaths.Data!, "mot", "TUD-Campus");
        await _installation.Run("--profile", "replay", "--set", $"Perception.Replay:Path={folder}", "--set", "Perception.Replay:Loop=true");
        await _installation.Run("--profile", "api");
        await _installation.Api.UntilFresh();

        var seen = new Dictionary<int, JsonElement>();
        await Eventually.Become(
            async () =>
            {
                var answer = await _installation.Api.Get("/api/perception/detections");
                answer.Status.ShouldBe(HttpStatusCode.OK, answer.ToString());
                seen.TryAdd((int)((answer.Data.GetProperty("frame_id").GetInt64() - 1) % Frames) + 1, answer.Data);
                return seen.Count == Frames;
            },
            "every frame was seen once");

        var expected = File.ReadLines(Path.Combine(folder, "det.txt"))
            .Select(l => l.Split(',').Select(f => double.Parse(f, CultureInfo.InvariantCulture)).ToArray())
            .ToLookup(f => (int)f[0]);
        for (var n = 1; n <= Frames; n++)
        {
            var data = seen[n];
            data.GetProperty("frame").GetProperty("width").GetInt32().ShouldBe(Width);
            data.GetProperty("frame").GetProperty("height").GetInt32().ShouldBe(Height);
            data.GetProperty("detections").EnumerateArray().Select(Numbers).ShouldBe(
                expected[n].Select(f => ((float)(f[2] / Width), (float)(f[3] / Height), (float)(f[4] / Width), (float)(f[5] / Height), (float)f[6])), $"frame {n}");
        }

        seen.Values.Sum(d => d.GetProperty("detections").GetArrayLength()).ShouldBe(321);
    }

    [Fact]
    public async Task Identities_are_served_as_tracks()
    {
        Assert.SkipWhen(TestPaths.Data is null, "no evaluation data: set OMNISIGHT_TEST_DATA to a folder with mot/TUD-Campus");
        var folder = Path.Combine(TestPaths.Data!, "mot", "TUD-Campus");
        await _installation.Run(
            "--set", "Plugins:Sets:both=@replay,@api", "--profile", "both", "--set", $"Perception.Replay:Path={folder}", "--set", "Perception.Replay:File=gt.txt", "--set", "Perception.Replay:Loop=true");
        var tracks = await _installation.Api.Until(
            "/api/perception/tracks", a => a.Status == HttpStatusCode.OK && a.Data.GetProperty("tracks").GetArrayLength() > 2, "tracks of the ground truth");
        tracks.Data.GetProperty("tracks").EnumerateArray().Select(t => t.GetProperty("track_id").GetInt32()).ShouldBeUnique();
    }

    [Fact]
    public async Task A_folder_that_is_not_a_sequence_is_named_and_disturbs_nothing_else()
    {
        await _installation.Run("--set", "Plugins:Sets:both=@replay,@api", "--profile", "both", "--set", $"Perception.Replay:Path={_installation.Directory}");
        var plugins = await _installation.Api.Until(
            "/api/plugins", a => a.Status == HttpStatusCode.OK && a.ToString().Contains("seqinfo.ini: not found", StringComparison.Ordinal), "the reason");
        plugins.ToString().ShouldContain(_installation.Directory);
        (await _installation.Api.Get("/api/perception/detections")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    public void Dispose() => _installation.Dispose();

    private static (float X, float Y, float Width, float Height, float Score) Numbers(JsonElement detection)
    {
        var box = detection.GetProperty("bbox");
        return (box[0].GetSingle(), box[1].GetSingle(), box[2].GetSingle(), box[3].GetSingle(), detection.GetProperty("confidence").GetSingle());
    }
}
