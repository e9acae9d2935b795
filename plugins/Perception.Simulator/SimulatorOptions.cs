using System.ComponentModel.DataAnnotations;

namespace Omnisight.Perception.Simulator;

/// <summary>What can be chosen about the simulated scene and its detector.</summary>
public sealed class SimulatorOptions
{
    /// <summary>The scene: the same seed and rate give the same frames.</summary>
    [RestartRequired]
    [Range(0, int.MaxValue)]
    public int Seed { get; set; } = 1;

    /// <summary>Frames per second.</summary>
    [Range(0.1, 1000)]
    public double Rate { get; set; } = 10;

    /// <summary>How many walkers share the square.</summary>
    [RestartRequired]
    [Range(0, 500)]
    public int Walkers { get; set; } = 8;

    /// <summary>Detections below this confidence are not reported.</summary>
    [Range(0.0, 1.0)]
    public double ConfidenceThreshold { get; set; }

    /// <summary>The share of plainly visible walkers that the detector misses.</summary>
    [Range(0.0, 1.0)]
    public double MissRate { get; set; } = 0.04;

    /// <summary>Standard deviation of each edge of a box, in pixels.</summary>
    [Range(0.0, 100.0)]
    public double JitterPixels { get; set; } = 2;

    /// <summary>Boxes around nothing, on average per frame.</summary>
    [Range(0.0, 10.0)]
    public double FalseAlarmsPerFrame { get; set; } = 0.15;

    /// <summary>How far timelines look ahead, in seconds.</summary>
    [Range(1.0, 60.0)]
    public double HorizonSeconds { get; set; } = 10;

    /// <summary>Image width in pixels.</summary>
    [RestartRequired]
    [Range(64, 16384)]
    public int Width { get; set; } = 1280;

    /// <summary>Image height in pixels.</summary>
    [RestartRequired]
    [Range(64, 16384)]
    public int Height { get; set; } = 720;
}
