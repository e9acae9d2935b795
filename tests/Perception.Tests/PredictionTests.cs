using System.Numerics;
using Omnisight.Messages;
using Omnisight.Perception.Prediction;

namespace Perception.Tests;

public sealed class PredictionTests
{
    [Fact]
    public void Two_who_walk_towards_each_other_collide_when_their_distance_is_used_up()
    {
        var forecast = Predict(Walking(1, new(-4, 10), new(1, 0)), Walking(2, new(4, 10), new(-1, 0))).ShouldHaveSingleItem();
        forecast.Type.ShouldBe(EventType.Collision);
        forecast.InSeconds.ShouldBe(4, 1e-6);
        forecast.Involved.ShouldBe([1u, 2u]);
        forecast.Probability.ShouldBeInRange(0.5f, 0.8f);
    }

    [Fact]
    public void A_near_miss_is_less_likely_than_a_hit_and_a_far_one_is_not_told()
    {
        var hit = Predict(Walking(1, new(-2, 10), new(1, 0)), Walking(2, new(2, 10), new(-1, 0)))[0].Probability;
        var near = Predict(Walking(1, new(-2, 10), new(1, 0)), Walking(2, new(2, 10.5f), new(-1, 0)))[0].Probability;
        near.ShouldBeLessThan(hit);
        Predict(Walking(1, new(-2, 10), new(1, 0)), Walking(2, new(2, 13), new(-1, 0))).ShouldBeEmpty();
    }

    [Fact]
    public void Those_who_walk_apart_or_together_do_not_collide()
    {
        Predict(Walking(1, new(-1, 10), new(-1, 0)), Walking(2, new(1, 10), new(1, 0))).ShouldBeEmpty();
        Predict(Walking(1, new(0, 10), new(1, 0)), Walking(2, new(0, 10.6f), new(1.1f, 0))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(6, 4)]
    [InlineData(40, 0)]
    public void Standing_foretells_loitering(double standing, double inSeconds)
    {
        var forecasts = Predict(Walking(9, new(0, 10), default) with { StandingSeconds = standing });
        if (standing < 3)
        {
            forecasts.ShouldBeEmpty();
            return;
        }

        var forecast = forecasts.ShouldHaveSingleItem();
        forecast.Type.ShouldBe(EventType.Loitering);
        forecast.InSeconds.ShouldBe(inSeconds);
        forecast.Severity.ShouldBe(standing > 30 ? Severity.Medium : Severity.Low);
    }

    [Fact]
    public void Three_who_head_for_one_place_will_be_a_crowd()
    {
        var forecasts = Predict(
            Walking(1, new(-7, 10), new(1, 0)), Walking(2, new(0, 17), new(0, -1)), Walking(3, new(0.5f, 3), new(0, 1)));
        var crowd = forecasts.Where(f => f.Type == EventType.CrowdFormation).ShouldHaveSingleItem();
        crowd.Involved.Order().ShouldBe([1u, 2u, 3u]);
        crowd.InSeconds.ShouldBeInRange(5, 7);
    }

    [Fact]
    public void Events_that_share_somebody_are_one_timeline_and_the_most_threatening_comes_first()
    {
        var writer = new TimelineWriter();
        var frame = new TimelineFrame();
        Forecast[] forecasts =
        [
            Event(EventType.Loitering, Severity.Low, 0.2f, 1),
            Event(EventType.Collision, Severity.High, 0.8f, 2, 3),
            Event(EventType.Collision, Severity.Medium, 0.5f, 3, 4),
        ];
        writer.Write(forecasts, 10, 1_000_000, frame, TimelineCodec.DefaultCapacity);
        frame.Count.ShouldBe(2);
        frame.Timelines[0].EventCount.ShouldBe(2u);
        frame.Timelines[0].WorstCaseSeverity.ShouldBe(Severity.High);
        frame.Timelines[0].OverallProbability.ShouldBe(1 - (0.2f * 0.5f), 1e-6);
        frame.Timelines[0].PredictionEndMs.ShouldBe(1_010_000ul);
        frame.Timelines[1].Events[0].Type.ShouldBe(EventType.Loitering);
        foreach (var intervention in frame.Timelines[0].Interventions)
        {
            intervention.EventIndex.ShouldBeLessThan(frame.Timelines[0].EventCount);
            intervention.TimestampMs.ShouldBeGreaterThan(1_000_000ul);
            intervention.Recommendation.ToString().ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void A_timeline_keeps_its_id_while_it_is_foretold_again()
    {
        var writer = new TimelineWriter();
        var frame = new TimelineFrame();
        writer.Write([Event(EventType.Loitering, Severity.Low, 0.2f, 1)], 10, 1000, frame, TimelineCodec.DefaultCapacity);
        var id = frame.Timelines[0].TimelineId;
        writer.Write([Event(EventType.Collision, Severity.High, 0.9f, 5, 6), Event(EventType.Loitering, Severity.Low, 0.3f, 1)], 10, 2000, frame, TimelineCodec.DefaultCapacity);
        frame.Timelines[1].TimelineId.ShouldBe(id);
        frame.Timelines[0].TimelineId.ShouldNotBe(id);
    }

    [Fact]
    public void What_does_not_fit_is_counted()
    {
        var frame = new TimelineFrame();
        var forecasts = Enumerable.Range(1, 8).Select(i => Event(EventType.Loitering, Severity.Low, 0.1f * i, (uint)i)).ToList();
        new TimelineWriter().Write(forecasts, 10, 1000, frame, TimelineCodec.DefaultCapacity);
        frame.Count.ShouldBe(5);
        frame.Truncated.ShouldBe(3u);
        frame.Timelines[0].Events[0].Involved[0].ShouldBe(8u);

        new TimelineWriter().Write(forecasts, 10, 1000, frame, capacity: 7);
        frame.Count.ShouldBe(7);
        frame.Truncated.ShouldBe(1u);
    }

    [Fact]
    public void More_events_than_a_timeline_holds_leave_the_worst()
    {
        var frame = new TimelineFrame();
        var forecasts = Enumerable.Range(1, 30).Select(i => Event(EventType.Collision, Severity.Low, 0.03f * i, 1, (uint)i + 1)).ToList();
        new TimelineWriter().Write(forecasts, 10, 1000, frame, TimelineCodec.DefaultCapacity);
        frame.Timelines[0].EventCount.ShouldBe(20u);
        foreach (var predicted in frame.Timelines[0].Events)
        {
            predicted.Probability.ShouldBeGreaterThan(0.3f);
        }
    }

    private static List<Forecast> Predict(params Agent[] agents) => [.. new EventPredictor(10).Predict([.. agents])];

    private static Agent Walking(uint id, Vector2 place, Vector2 velocity) => new()
    {
        Id = id,
        Place = place,
        Velocity = velocity,
        ImagePlace = new Vector2(0.5f, 0.5f),
        ImageVelocity = default,
        StandingSeconds = 0,
    };

    private static Forecast Event(EventType type, Severity severity, float probability, params uint[] involved) => new()
    {
        Type = type,
        Severity = severity,
        InSeconds = 3,
        Probability = probability,
        Location = new Vector2(0.5f, 0.5f),
        Involved = involved,
        Description = "something",
    };
}
