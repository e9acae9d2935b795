using System.Numerics;
using Omnisight.Perception.Simulator.Scenery;

namespace Perception.Tests;

public sealed class SceneTests
{
    private static readonly DetectorNoise Noise = new(0.04, 2, 0.15);

    [Fact]
    public void The_same_seed_gives_the_same_frames()
    {
        var (one, other) = (Play(new Scene(7, 8, 1280, 720), 300), Play(new Scene(7, 8, 1280, 720), 300));
        one.ShouldBe(other);
        one.Distinct().Count().ShouldBeGreaterThan(250);
    }

    [Fact]
    public void Another_seed_is_another_scene() =>
        Play(new Scene(7, 8, 1280, 720), 20).ShouldNotBe(Play(new Scene(8, 8, 1280, 720), 20));

    [Fact]
    public void Noise_changes_no_walker()
    {
        var (clean, noisy) = (new Scene(3, 8, 1280, 720), new Scene(3, 8, 1280, 720));
        for (var i = 0; i < 200; i++)
        {
            clean.Step(10, new DetectorNoise(0, 0, 0));
            noisy.Step(10, new DetectorNoise(0.5, 20, 5));
            noisy.Sightings.Select(s => s.Box).ShouldBe(clean.Sightings.Select(s => s.Box));
        }
    }

    [Fact]
    public void A_perfect_detector_reports_the_true_boxes_of_all_who_are_not_hidden()
    {
        var scene = new Scene(1, 20, 1280, 720);
        for (var i = 0; i < 200; i++)
        {
            scene.Step(10, new DetectorNoise(0, 0, 0));
            scene.FalseAlarms.ShouldBeEmpty();
            foreach (var sighting in scene.Sightings.Where(s => s.Hidden == 0))
            {
                var detected = sighting.Detected.ShouldNotBeNull();
                detected.Box.Width.ShouldBe(sighting.Box.Width, 1e-6);
                detected.Box.X.ShouldBe(sighting.Box.X, 1e-6);
            }
        }
    }

    [Fact]
    public void A_blind_detector_reports_false_alarms_only()
    {
        var scene = new Scene(1, 8, 1280, 720);
        var alarms = 0;
        for (var i = 0; i < 1000; i++)
        {
            scene.Step(10, new DetectorNoise(1, 2, 0.5));
            scene.Sightings.ShouldAllBe(s => s.Detected == null);
            alarms += scene.FalseAlarms.Count;
        }

        alarms.ShouldBeInRange(400, 600);
    }

    [Fact]
    public void Walkers_come_and_go_and_no_id_is_used_twice()
    {
        var scene = new Scene(1, 6, 1280, 720);
        var present = new HashSet<uint>();
        var gone = new HashSet<uint>();
        for (var i = 0; i < 6000; i++)
        {
            scene.Step(10, Noise);
            var now = scene.Sightings.Select(s => s.Walker.Id).ToHashSet();
            now.Count.ShouldBe(scene.Sightings.Count);
            gone.UnionWith(scene.Sightings.Select(s => s.Walker).Where(w => w.End < scene.Time).Select(w => w.Id));
            now.Overlaps(gone).ShouldBeFalse();
            present.UnionWith(now);
        }

        present.Count.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void A_walker_moves_as_its_velocity_says()
    {
        var scene = new Scene(5, 8, 1280, 720);
        scene.Step(10, Noise);
        for (var i = 0; i < 500; i++)
        {
            var before = scene.Sightings.ToDictionary(s => s.Walker.Id);
            scene.Step(10, Noise);
            foreach (var sighting in scene.Sightings)
            {
                sighting.Velocity.Length().ShouldBeLessThan(4);
                if (before.TryGetValue(sighting.Walker.Id, out var past))
                {
                    Vector2.Distance(past.Place + (past.Velocity * 0.1f), sighting.Place).ShouldBeLessThan(0.15f);
                    Math.Abs(past.NextBox.X - sighting.Box.X).ShouldBeLessThan(0.02f);
                }
            }
        }
    }

    [Fact]
    public void A_change_of_rate_changes_the_steps_and_not_the_walk()
    {
        var (slow, fast) = (new Scene(2, 8, 1280, 720), new Scene(2, 8, 1280, 720));
        Play(slow, 100);
        for (var i = 0; i < 50; i++)
        {
            fast.Step(10, Noise);
        }

        for (var i = 0; i < 100; i++)
        {
            fast.Step(20, Noise);
        }

        fast.Time.ShouldBe(slow.Time, 1e-9);
        fast.Sightings.Select(s => s.Place).ShouldBe(slow.Sightings.Select(s => s.Place));
    }

    [Fact]
    public void The_camera_shows_what_is_farther_smaller_and_higher()
    {
        var camera = new PinholeCamera(1280, 720);
        var near = camera.Project(new Vector2(0, 10), 1.7f, 0.6f);
        var far = camera.Project(new Vector2(0, 20), 1.7f, 0.6f);
        (near.X + (near.Width / 2)).ShouldBe(0.5f, 1e-6);
        far.Height.ShouldBeLessThan(near.Height);
        far.Bottom.ShouldBeLessThan(near.Bottom);
        near.Height.ShouldBeGreaterThan(near.Width);
    }

    /// <summary>One line a frame with everything that the scene says.</summary>
    private static List<string> Play(Scene scene, int frames)
    {
        var lines = new List<string>();
        for (var i = 0; i < frames; i++)
        {
            scene.Step(10, Noise);
            lines.Add($"{scene.Frame}: {string.Join(';', scene.Sightings.Select(s => $"{s.Walker.Id} {s.Box} {s.Detected}"))} {string.Join(';', scene.FalseAlarms)}");
        }

        return lines;
    }
}
