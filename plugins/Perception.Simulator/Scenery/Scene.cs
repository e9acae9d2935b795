using System.Numerics;
using Omnisight.Messages;

namespace Omnisight.Perception.Simulator.Scenery;

/// <summary>
/// People on a square, seen by one camera. The n-th frame of a seed at a rate is always the same: the scene's time is counted in frames,
/// never read from a clock.
/// </summary>
internal sealed class Scene
{
    private readonly int _seed;
    private readonly Detector _detector;
    private readonly PinholeCamera _camera;
    private readonly (Walker Walker, int Life)[] _slots;
    private readonly List<Sighting> _sightings = [];
    private double _timeBefore;
    private long _framesBefore;
    private double _rate;

    public Scene(int seed, int walkers, int width, int height)
    {
        _seed = seed;
        Width = width;
        Height = height;
        _camera = new PinholeCamera(width, height);
        _detector = new Detector(seed, width, height);
        _slots = new (Walker, int)[walkers];
        for (var i = 0; i < walkers; i++)
        {
            // Some walks began before the first frame: the square is never empty at the start.
            var begin = new Chance(seed, Draw.Life, i, -1).Between(-15, 2);
            _slots[i] = (new Walker(seed, i, 0, walkers, begin), 0);
        }
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>The number of the newest frame, from 1.</summary>
    public long Frame { get; private set; }

    /// <summary>The scene's time at that frame, in seconds.</summary>
    public double Time { get; private set; }

    /// <summary>All walkers in view, each with what the detector made of it.</summary>
    public IReadOnlyList<Sighting> Sightings => _sightings;

    /// <summary>What the detector took for a person.</summary>
    public IReadOnlyList<(Box Box, float Confidence)> FalseAlarms { get; private set; } = [];

    /// <summary>Goes one frame on.</summary>
    public void Step(double rate, DetectorNoise noise)
    {
        if (rate != _rate)
        {
            (_timeBefore, _framesBefore, _rate) = (Time, Frame, rate);
        }

        Frame++;
        Time = _timeBefore + ((Frame - _framesBefore) / rate);
        _sightings.Clear();
        for (var i = 0; i < _slots.Length; i++)
        {
            Look(WhoIsIn(i), 1 / rate);
        }

        _detector.Detect(Frame, _sightings, noise);
        FalseAlarms = _detector.FalseAlarms(Frame, noise);
    }

    private void Look(Walker walker, double frameSeconds)
    {
        var place = walker.PlaceAt(Time);
        var velocity = walker.VelocityAt(Time);
        var box = _camera.Project(place, walker.Height, walker.Width);
        if (!box.IsVisible)
        {
            return;
        }

        var step = (float)Math.Min(frameSeconds, 0.1);
        var soon = _camera.Project(place + (velocity * step), walker.Height, walker.Width);
        var next = _camera.Project(place + (velocity * (float)Math.Min(frameSeconds, 1)), walker.Height, walker.Width);
        _sightings.Add(new Sighting
        {
            Walker = walker,
            Place = place,
            Velocity = velocity,
            Box = box,
            NextBox = next,
            ImageVelocity = new Vector2(soon.X + (soon.Width / 2) - box.X - (box.Width / 2), soon.Y + (soon.Height / 2) - box.Y - (box.Height / 2)) / step,
            Hidden = 0,
        });
    }

    private Walker WhoIsIn(int slot)
    {
        ref var entry = ref _slots[slot];
        while (entry.Walker.End < Time)
        {
            var life = entry.Life + 1;
            var begin = entry.Walker.End + new Chance(_seed, Draw.Life, slot, -1 - life).Between(0.5, 5);
            entry = (new Walker(_seed, slot, life, _slots.Length, begin), life);
        }

        return entry.Walker;
    }
}
