namespace Omnisight.Perception.Simulator.Scenery;

/// <summary>
/// Chance without state: a number is a function of the seed and of what it is drawn for, so that frame 1,000 is the same
/// whether or not frame 999 was looked at, and an option that changes one draw leaves all the others as they were.
/// </summary>
internal readonly struct Chance(int seed, Draw draw, long a, long b = 0)
{
    private readonly ulong _key = Mix(Mix(Mix((uint)seed + (((ulong)draw + 1) << 32)) ^ (ulong)a) ^ (ulong)b);

    /// <summary>The n-th uniform number in [0, 1) of this draw.</summary>
    public double Uniform(int n = 0) => (Mix(_key + (ulong)n) >> 11) * (1.0 / (1UL << 53));

    /// <summary>The n-th number between two bounds.</summary>
    public double Between(double low, double high, int n = 0) => low + ((high - low) * Uniform(n));

    /// <summary>The n-th number of a normal distribution (Box and Muller).</summary>
    public double Normal(int n = 0) =>
        Math.Sqrt(-2 * Math.Log(1 - Uniform(2 * n))) * Math.Cos(2 * Math.PI * Uniform((2 * n) + 1));

    // SplitMix64's finaliser (Steele, Lea, Flood 2014).
    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
