extern alias replay;

using replay::Omnisight.Perception.Replay;
using replay::Omnisight.Perception.Replay.Mot;

namespace Perception.Tests;

public sealed class ReplayModuleTests : IDisposable
{
    private static readonly string[] All = ["detections", "tracks", "timelines"];
    private readonly TestInstance _folder = new();
    private readonly SteppedTime _time = new();

    [Fact]
    public async Task Every_frame_of_a_real_sequence_is_the_files()
    {
        var folder = MotSequenceTests.Data("TUD-Campus");
        var sequence = MotSequence.Load(folder, "det.txt");
        var context = new ScriptedContext(new ReplayOptions { Path = folder, Loop = true }, _time, All);
        await using var run = new ModuleRun(new ReplayModule(), context, _time);
        await run.Until(() => context.On("detections").Count >= 142);
        var frames = context.On("detections").Detections();
        for (var n = 0; n < 142; n++)
        {
            frames[n].FrameId.ShouldBe((ulong)n + 1);
            (frames[n].Width, frames[n].Height).ShouldBe(((ushort)640, (ushort)480));
            frames[n].Objects.ToArray().Select(o => (o.Bbox, o.Confidence)).ShouldBe(sequence.Frame((n % 71) + 1).Select(r => (r.Box, r.Confidence)));
        }

        context.On("tracks").Count.ShouldBe(0);
    }

    [Fact]
    public async Task Identities_become_tracks_with_a_velocity()
    {
        // 6.4 pixels a frame to the right at 25 frames a second: a quarter of the image's width a second.
        Write("gt.txt", 3, n => $"{n},5,{100 + (6.4 * n)},200,40,100,1,-1,-1,-1");
        var context = new ScriptedContext(new ReplayOptions { Path = _folder.Directory, File = "gt.txt", Loop = true }, _time, All);
        await using var run = new ModuleRun(new ReplayModule(), context, _time);
        await run.Until(() => context.On("tracks").Count >= 4);
        var tracks = context.On("tracks").Tracks();
        var third = tracks[2].Tracks.ToArray().ShouldHaveSingleItem();
        third.TrackId.ShouldBe(5u);
        third.Velocity.X.ShouldBe(0.25f, 1e-4);
        third.Velocity.Y.ShouldBe(0, 1e-5);
        third.PredictedBbox.X.ShouldBe(third.Bbox.X + 0.01f, 1e-4);
        third.FrameCount.ShouldBe(3u);
        third.World.X.ShouldBe(float.NaN);
        tracks[3].Tracks.ToArray().ShouldHaveSingleItem().FrameCount.ShouldBe(1u);
    }

    [Fact]
    public async Task Twice_the_speed_is_twice_the_rate_and_twice_the_velocity()
    {
        Write("gt.txt", 3, n => $"{n},5,{100 + (6.4 * n)},200,40,100,1,-1,-1,-1");
        var context = new ScriptedContext(new ReplayOptions { Path = _folder.Directory, File = "gt.txt", Loop = true, Speed = 2 }, _time, All);
        await using var run = new ModuleRun(new ReplayModule(), context, _time);
        var start = _time.GetTimestamp();
        await run.Until(() => context.On("tracks").Count >= 51);
        _time.GetElapsedTime(start).TotalSeconds.ShouldBeInRange(1, 1.2);
        context.On("tracks").Tracks()[2].Tracks.ToArray().ShouldHaveSingleItem().Velocity.X.ShouldBe(0.5f, 1e-4);
    }

    [Fact]
    public async Task Without_a_loop_it_ends_with_the_last_frame_and_goes_on_when_told_to_loop()
    {
        Write("det.txt", 3, n => $"{n},-1,10,10,10,10,0.5");
        var context = new ScriptedContext(new ReplayOptions { Path = _folder.Directory }, _time, All);
        await using var run = new ModuleRun(new ReplayModule(), context, _time);
        await run.Until(() => context.On("detections").Count == 3);
        var end = _time.GetTimestamp();
        await run.Until(() => _time.GetElapsedTime(end) > TimeSpan.FromSeconds(2));
        context.On("detections").Count.ShouldBe(3);
        run.Task.IsCompleted.ShouldBeFalse();
        context.Change(new ReplayOptions { Path = _folder.Directory, Loop = true });
        await run.Until(() => context.On("detections").Count == 5);
    }

    [Fact]
    public async Task A_threshold_filters_and_none_lets_negative_scores_pass()
    {
        Write("det.txt", 3, n => $"{n},-1,10,10,10,10,-0.5\n{n},-1,20,10,10,10,0.8");
        var context = new ScriptedContext(new ReplayOptions { Path = _folder.Directory, Loop = true }, _time, All);
        await using var run = new ModuleRun(new ReplayModule(), context, _time);
        await run.Until(() => context.On("detections").Count == 3);
        context.On("detections").Detections().ShouldAllBe(f => f.Count == 2);
        context.Change(new ReplayOptions { Path = _folder.Directory, Loop = true, ConfidenceThreshold = 0.7 });
        await run.Until(() => context.On("detections").Count == 6);
        var kept = context.On("detections").Detections()[5].Objects.ToArray().ShouldHaveSingleItem();
        (kept.Id, kept.Confidence).ShouldBe((2u, 0.8f));
    }

    [Fact]
    public async Task Real_identities_foretell_events_and_REFRESH_TIMELINES_publishes_them()
    {
        var context = new ScriptedContext(new ReplayOptions { Path = MotSequenceTests.Data("TUD-Campus"), File = "gt.txt", Loop = true }, _time, All);
        await using var run = new ModuleRun(new ReplayModule(), context, _time);
        await run.Until(() => context.On("detections").Count >= 60);
        var before = context.On("timelines").Count;
        (await context.Send("REFRESH_TIMELINES")).Success.ShouldBeTrue();
        context.On("timelines").Count.ShouldBe(before + 1);
        context.On("timelines").Timelines().ShouldContain(f => f.Count > 0);
    }

    [Fact]
    public async Task No_path_is_an_error_that_says_how_to_give_one()
    {
        var context = new ScriptedContext(new ReplayOptions(), _time, All);
        var error = await Should.ThrowAsync<InvalidOperationException>(() => new ReplayModule().RunAsync(context, default));
        error.Message.ShouldContain("--set Perception.Replay:Path=");
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string name, int frames, Func<int, string> line)
    {
        File.WriteAllText(_folder.FilePath("seqinfo.ini"), MotSequenceTests.Info);
        File.WriteAllLines(_folder.FilePath(name), Enumerable.Range(1, frames).Select(n => FormattableString.Invariant($"{line(n)}")));
    }
}
