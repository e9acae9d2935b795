using Omnisight.Messages;
using Omnisight.Perception.Replay.Mot;

namespace Omnisight.Perception.Replay;

/// <summary>Makes the detections of a frame: the file's rows, in the file's order.</summary>
internal static class DetectionWriter
{
    public static void Write(IReadOnlyList<MotRow> rows, double confidenceThreshold, ulong nowMs, DetectionFrame frame)
    {
        frame.Clear();
        frame.Truncated = 0;
        frame.TimestampMs = nowMs;

        // Scores are floats: a score of 0.7 is a float that is less than the double 0.7.
        var threshold = (float)confidenceThreshold;
        for (var i = 0; i < rows.Count; i++)
        {
            // Some detectors give scores below zero, so that no threshold must mean none.
            if (threshold > 0 && rows[i].Confidence < threshold)
            {
                continue;
            }

            frame.Add(new DetectedObject
            {
                Id = rows[i].Id ?? (uint)i + 1,
                Class = ObjectClass.Person,
                Confidence = rows[i].Confidence,
                Bbox = rows[i].Box,
                TimestampMs = nowMs,
            });
        }
    }
}
