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
    public async Task A_score_that_is_the_threshold_is_reported()
    {
        Write("det.txt", 3, n => $"{n},-1,10,10,10,10,0.7\n{n},-1,20,10,10,10,0.699");
        var context = new ScriptedContext(new ReplayOptions { Path = _folder.Directory, ConfidenceThreshold = 0.7 }, _time, All);
        await using var run = new ModuleRun(new ReplayModule(), context, _time);
        await run.Until(() => context.On("detections").Count == 3);
        context.On("detections").Detections().Select(f => f.Objects.ToArray().ShouldHaveSingleItem().Confidence).ShouldBe([0.7f, 0.7f, 0.7f]);
    }

    [Fact]
    public async Task A_real_sequence_is_filtered_frame_by_frame()
    {
        var folder = MotSequenceTests.Data("MOT17-02");
        var sequence = MotSequence.Load(folder, "det_noisy.txt");
        var context = new ScriptedContext(new ReplayOptions { Path = folder, File = "det_noisy.txt", ConfidenceThreshold = 0.7 }, _time, All);
        await using var run = new ModuleRun(new ReplayModule(), context, _time);
        await run.Until(() => context.On("detections").Count == 600);
        var frames = context.On("detections").Detections();
        for (var n = 0; n < 600; n++)
        {
            // As a reader of the file compares: in decimal, where 0.700 is not below 0.7.
            frames[n].Objects.ToArray().Select(o => (o.Bbox, o.Confidence))
                .ShouldBe(sequence.Frame(n + 1).Where(r => (decimal)r.Confidence >= 0.7m).Select(r => (r.Box, r.Confidence)), $"frame {n + 1}");
        }
    }

    [Fact]
    public async Task An_identity_that_is_in_two_places_is_one_track()
    {
        Write("tracks.txt", 3, n => $"{n},5,{10 * n},10,10,10,1\n{n},5,600,10,10,10,1\n{n},6,300,10,10,10,1");
        var context = new ScriptedContext(new ReplayOptions { Path = _folder.Directory, File = "tracks.txt" }, _time, All);
        await using var run = new ModuleRun(new ReplayModule(), context, _time);
        await run.Until(() => context.On("tracks").Count == 3);
        var last = context.On("tracks").Tracks()[2].Tracks.ToArray();
        last.Select(t => (t.TrackId, t.FrameCount)).ShouldBe([(5u, 3u), (6u, 3u)]);
        last[0].Bbox.X.ShouldBe(30 / 640f);
        context.On("detections").Detections().ShouldAllBe(f => f.Count == 3);
        context.Log.ShouldHaveSingleItem().ShouldContain("rows that say where an identity is that is elsewhere in the same frame");
    }

    [Fact]
    public async Task A_track_at_the_edge_of_what_readers_accept_keeps_its_box_though_its_prediction_is_past_it()
    {
        Write("tracks.txt", 3, n => $"{n},5,{1100 + (60 * n)},10,10,10,1");
        var context = new ScriptedContext(new ReplayOptions { Path = _folder.Directory, File = "tracks.txt" }, _time, All);
        await using var run = new ModuleRun(new ReplayModule(), context, _time);
        await run.Until(() => context.On("tracks").Count == 3);
        var tracks = context.On("tracks").Tracks();
        tracks[2].Dropped.ShouldBe(0);
        tracks[2].Tracks.ToArray().ShouldHaveSingleItem().PredictedBbox.X.ShouldBe(2);
    }

    [Fact]
    public async Task Frames_with_more_rows_than_the_channel_takes_are_told_with_the_setting_that_helps()
    {
        Write("det.txt", 3, n => string.Join('\n', Enumerable.Range(0, n == 2 ? 60 : 50).Select(i => $"{n},-1,{i},10,10,10,0.5")));
        var context = new ScriptedContext(new ReplayOptions { Path = _folder.Directory }, _time, All);
        await using var run = new ModuleRun(new ReplayModule(), context, _time);
        await run.Until(() => context.On("detections").Count == 3);
        context.Log.ShouldHaveSingleItem().ShouldBe(
            "frames with more rows than the 50 that channel 'detections' takes: 1, with up to 60; the most confident are kept, the rest is counted in 'truncated'. To have all, set Channels:detections:Capacity=60");
    }

    [Fact]
    public async Task A_rate_that_changes_while_it_runs_counts_at_once_and_a_replay_that_is_over_has_none()
    {
        Write("det.txt", 3, n => $"{n},-1,10,10,10,10,0.5");
        var context = new ScriptedContext(new ReplayOptions { Path = _folder.Directory, Rate = 1, Loop = true }, _time, All);
        await using var run = new ModuleRun(new ReplayModule(), context, _time);
        await run.Until(() => context.On("detections").Count == 2);
        context.Change(new ReplayOptions { Path = _folder.Directory, Rate = 100, Loop = true });
        var start = _time.GetTimestamp();
        await run.Until(() => context.On("detections").Count == 302);
        _time.GetElapsedTime(start).TotalSeconds.ShouldBeInRange(2.9, 4.1);
        context.Stat("perception", "fps").ShouldNotBeNull().ShouldBeGreaterThan(50);
        context.Change(new ReplayOptions { Path = _folder.Directory, Rate = 100 });
        await run.Until(() => context.Stat("perception", "fps") == 0);
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
