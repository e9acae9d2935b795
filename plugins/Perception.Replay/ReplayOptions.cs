using System.ComponentModel.DataAnnotations;

namespace Omnisight.Perception.Replay;

/// <summary>What is replayed, and how.</summary>
public sealed class ReplayOptions
{
    /// <summary>A folder in MOTChallenge form: seqinfo.ini and the text file that <see cref="File"/> names.</summary>
    [RestartRequired]
    public string Path { get; set; } = "";

    /// <summary>The text file in the folder: det.txt, gt.txt, or the output of a tracker.</summary>
    [RestartRequired]
    public string File { get; set; } = "det.txt";

    /// <summary>Frames per second; 0 = the sequence's own frame rate.</summary>
    [Range(0.0, 1000.0)]
    public double Rate { get; set; }

    /// <summary>So many times as fast as <see cref="Rate"/> says.</summary>
    [Range(0.01, 100.0)]
    public double Speed { get; set; } = 1;

    /// <summary>Begins again after the last frame.</summary>
    public bool Loop { get; set; }

    /// <summary>Detections below this confidence are not reported; 0 = all are.</summary>
    [Range(0.0, 1.0)]
    public double ConfidenceThreshold { get; set; }

    /// <summary>How far timelines look ahead, in seconds.</summary>
    [Range(1.0, 60.0)]
    public double HorizonSeconds { get; set; } = 10;
}
