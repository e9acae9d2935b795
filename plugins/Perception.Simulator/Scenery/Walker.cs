using System.Numerics;

namespace Omnisight.Perception.Simulator.Scenery;

/// <summary>
/// One walk through the scene: in at one side, to a few goals (some are places where people meet and stay), out at a side.
/// Where the walker is follows from the time alone.
/// </summary>
internal sealed class Walker
{
    /// <summary>Half the time over which a corner is rounded: nobody turns on the spot.</summary>
    private const double Rounding = 0.4;

    private static readonly Vector2[] MeetingPoints = [new(-1.5f, 11), new(3, 16), new(-4, 20)];

    private readonly List<(double Time, Vector2 Place)> _stops = [];

    /// <summary>Plans the walk that begins at a time.</summary>
    public Walker(int seed, int slot, int life, int slots, double begin)
    {
        Id = (uint)((life * slots) + slot + 1);
        var chance = new Chance(seed, Draw.Life, slot, life);
        IsAnimal = chance.Uniform(0) < 0.08;
        var runs = chance.Uniform(1) < 0.1;
        Height = (float)(IsAnimal ? chance.Between(0.45, 0.7, 2) : chance.Between(1.55, 1.92, 2));
        Width = IsAnimal ? Height * 1.4f : Height * 0.36f;
        var speed = runs ? chance.Between(2.8, 3.6, 3) : chance.Between(0.9, 1.6, 3);

        var time = begin;
        var place = Side(chance.Uniform(4) < 0.5, chance.Between(PinholeCamera.Near + 2, PinholeCamera.Far - 2, 5));
        _stops.Add((time, place));
        var goals = 1 + (int)chance.Between(0, 3, 6);
        for (var i = 0; i < goals; i++)
        {
            var n = 10 + (i * 10);
            var meets = chance.Uniform(n) < 0.45;
            var distance = (float)chance.Between(PinholeCamera.Near + 1, PinholeCamera.Far - 3, n + 1);
            var goal = meets
                ? MeetingPoints[(int)(chance.Uniform(n + 2) * MeetingPoints.Length)] + Around(chance, n + 3)
                : new Vector2((float)chance.Between(-0.8, 0.8, n + 4) * PinholeCamera.HalfWidthAt(distance), distance);
            Walk(goal);
            if (meets)
            {
                time += chance.Between(4, 40, n + 5);
                _stops.Add((time, goal));
            }
        }

        Walk(Side(chance.Uniform(7) < 0.5, chance.Between(PinholeCamera.Near + 2, PinholeCamera.Far - 2, 8)));
        End = time;

        void Walk(Vector2 goal)
        {
            time += Vector2.Distance(place, goal) / speed;
            place = goal;
            _stops.Add((time, goal));
        }
    }

    /// <summary>Its track id: unique for the life of the scene.</summary>
    public uint Id { get; }

    public bool IsAnimal { get; }

    /// <summary>Metres.</summary>
    public float Height { get; }

    /// <summary>Metres.</summary>
    public float Width { get; }

    /// <summary>When it has left, in seconds of the scene.</summary>
    public double End { get; }

    /// <summary>Its place on the ground, in metres.</summary>
    public Vector2 PlaceAt(double time)
    {
        var sum = Vector2.Zero;
        for (var i = -2; i <= 2; i++)
        {
            sum += OnThePolyline(time + (i * Rounding / 2));
        }

        return sum / 5;
    }

    /// <summary>Its velocity, in metres per second.</summary>
    public Vector2 VelocityAt(double time)
    {
        const double Half = 0.05;
        return (PlaceAt(time + Half) - PlaceAt(time - Half)) / (float)(2 * Half);
    }

    private Vector2 OnThePolyline(double time)
    {
        for (var i = 1; i < _stops.Count; i++)
        {
            var (start, from) = _stops[i - 1];
            var (end, to) = _stops[i];
            if (time <= end)
            {
                return end <= start || time <= start ? from : Vector2.Lerp(from, to, (float)((time - start) / (end - start)));
            }
        }

        return _stops[^1].Place;
    }

    /// <summary>Just outside the image.</summary>
    private static Vector2 Side(bool left, double distance) =>
        new((left ? -1 : 1) * (PinholeCamera.HalfWidthAt((float)distance) + 0.8f), (float)distance);

    private static Vector2 Around(Chance chance, int n)
    {
        var (sin, cos) = Math.SinCos(chance.Between(0, 2 * Math.PI, n));
        return new Vector2((float)cos, (float)sin) * 0.9f;
    }
}
