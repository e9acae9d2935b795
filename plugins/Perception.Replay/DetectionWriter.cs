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
        for (var i = 0; i < rows.Count; i++)
        {
            // Some detectors give scores below zero, so that no threshold must mean none.
            if (confidenceThreshold > 0 && rows[i].Confidence < confidenceThreshold)
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
