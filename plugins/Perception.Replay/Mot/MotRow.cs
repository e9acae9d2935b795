using Omnisight.Messages;

namespace Omnisight.Perception.Replay.Mot;

/// <summary>One line of a MOTChallenge file that counts.</summary>
/// <param name="Id">The identity; null where the file gives none (-1).</param>
/// <param name="Box">Normalized by the image's size, not clamped.</param>
/// <param name="Confidence">The score as given; 1 for ground truth and where a tracker gives none (-1).</param>
internal readonly record struct MotRow(uint? Id, Box Box, float Confidence)
{
    /// <summary>How far a box may be from the image and still be accepted by readers (PROTOCOL 1.6).</summary>
    public const float LeastPlace = -1, MostPlace = 2;
}
