namespace Omnisight.Perception.Simulator.Scenery;

/// <summary>How imperfect the simulated detector is.</summary>
/// <param name="MissRate">The share of plainly visible walkers that it misses.</param>
/// <param name="JitterPixels">The deviation of each edge of a box.</param>
/// <param name="FalseAlarmsPerFrame">How many boxes around nothing, on average.</param>
internal readonly record struct DetectorNoise(double MissRate, double JitterPixels, double FalseAlarmsPerFrame);
