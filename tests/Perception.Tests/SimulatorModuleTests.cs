using Omnisight.Messages;
using Omnisight.Perception.Simulator;

namespace Perception.Tests;

public sealed class SimulatorModuleTests
{
    private static readonly string[] All = ["detections", "tracks", "timelines"];

    [Fact]
    public async Task Detections_and_tracks_come_at_the_rate_and_timelines_once_a_second()
    {
        var time = new SteppedTime();
        var context = new ScriptedContext(new SimulatorOptions(), time, All);
        await using var run = new ModuleRun(new SimulatorModule(), context, time);
        await run.Until(() => context.On("detections").Count == 101);
        context.IsReady.ShouldBeTrue();
        context.On("tracks").Count.ShouldBeInRange(100, 101);
        context.On("timelines").Count.ShouldBeInRange(10, 11);
        context.On("detections").Detections().Select(d => d.FrameId).ShouldBe(Enumerable.Range(1, 101).Select(i => (ulong)i));
        context.Stat("perception", "fps")!.Value.ShouldBe(10, 0.5);
        context.Stat("perception", "dropped_frames").ShouldBe(0);
        context.Stat("timeline", "total_events_predicted").ShouldNotBeNull();
    }

    [Fact]
    public async Task The_same_seed_publishes_the_same_frames()
    {
        var (one, other) = (await Published(new SimulatorOptions { Seed = 4 }), await Published(new SimulatorOptions { Seed = 4 }));
        one.ShouldBe(other);
        (await Published(new SimulatorOptions { Seed = 5 })).ShouldNotBe(one);
    }

    [Fact]
    public async Task A_new_threshold_filters_from_the_next_frame_on()
    {
        var time = new SteppedTime();
        var context = new ScriptedContext(new SimulatorOptions { FalseAlarmsPerFrame = 2 }, time, All);
        await using var run = new ModuleRun(new SimulatorModule(), context, time);
        await run.Until(() => context.On("detections").Count == 30);
        context.On("detections").Detections().SelectMany(f => f.Objects.ToArray()).ShouldContain(o => o.Confidence < 0.7f);
        context.Change(new SimulatorOptions { FalseAlarmsPerFrame = 2, ConfidenceThreshold = 0.7 });
        await run.Until(() => context.On("detections").Count == 60);
        var after = context.On("detections").Detections().Skip(31).SelectMany(f => f.Objects.ToArray()).ToList();
        after.ShouldAllBe(o => o.Confidence >= 0.7f);
        after.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_new_rate_holds_at_once()
    {
        var time = new SteppedTime();
        var context = new ScriptedContext(new SimulatorOptions { Rate = 0.1 }, time, All);
        await using var run = new ModuleRun(new SimulatorModule(), context, time);
        await run.Until(() => context.On("detections").Count == 1);
        context.Change(new SimulatorOptions { Rate = 50 });
        var before = time.GetTimestamp();
        await run.Until(() => context.On("detections").Count == 51);
        time.GetElapsedTime(before).TotalSeconds.ShouldBeLessThan(2);
    }

    [Fact]
    public async Task REFRESH_TIMELINES_publishes_at_once()
    {
        var time = new SteppedTime();
        var context = new ScriptedContext(new SimulatorOptions(), time, All);
        await using var run = new ModuleRun(new SimulatorModule(), context, time);
        await run.Until(() => context.On("detections").Count == 15);
        var before = context.On("timelines").Count;
        var result = await context.Send("REFRESH_TIMELINES");
        result.Success.ShouldBeTrue(result.Message);
        context.On("timelines").Count.ShouldBe(before + 1);
        result.Data.GetProperty("timelines").GetInt32().ShouldBe(context.On("timelines").Timelines()[^1].Count);

        context.On("timelines").Result = PublishResult.Failed;
        (await context.Send("REFRESH_TIMELINES")).Code.ShouldBe("not_published");
    }

    [Fact]
    public async Task Channels_that_are_not_its_own_are_left_alone()
    {
        var time = new SteppedTime();
        var context = new ScriptedContext(new SimulatorOptions(), time, "detections");
        await using var run = new ModuleRun(new SimulatorModule(), context, time);
        await run.Until(() => context.On("detections").Count == 30);
        context.On("tracks").Count.ShouldBe(0);
        context.Handlers.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_minute_of_the_default_scene_has_people_events_and_interventions()
    {
        var time = new SteppedTime();
        var context = new ScriptedContext(new SimulatorOptions(), time, All);
        await using var run = new ModuleRun(new SimulatorModule(), context, time);
        await run.Until(() => context.On("detections").Count == 601);
        context.On("detections").Detections().Average(f => f.Count).ShouldBeInRange(2, 8);
        var tracks = context.On("tracks").Tracks();
        tracks.ShouldAllBe(f => f.Dropped == 0);
        var objects = tracks.SelectMany(f => f.Tracks.ToArray()).ToList();
        objects.ShouldContain(t => (t.Behaviors & Behaviors.Loitering) != 0);
        objects.ShouldContain(t => t.MissCount > 0);
        var timelines = context.On("timelines").Timelines().SelectMany(f => f.Timelines.ToArray()).ToList();
        timelines.ShouldContain(t => t.EventCount > 0 && t.InterventionCount > 0);
        var kinds = timelines.SelectMany(t => t.Events.ToArray()).Select(e => e.Type).Distinct().ToList();
        kinds.ShouldContain(EventType.Collision);
        kinds.ShouldContain(EventType.Loitering);
        kinds.ShouldContain(EventType.CrowdFormation);
    }

    private static async Task<List<string>> Published(SimulatorOptions options)
    {
        var time = new SteppedTime();
        var context = new ScriptedContext(options, time, "detections");
        await using var run = new ModuleRun(new SimulatorModule(), context, time);
        await run.Until(() => context.On("detections").Count >= 50);
        return [.. context.On("detections").Detections().Take(50).Select(f => string.Join(';', f.Objects.ToArray().Select(o => (o.Id, o.Class, o.Confidence, o.Bbox))))];
    }
}
