using Omnisight.Messages;

namespace Acme.Gizmo;

/// <summary>The module's own thinking, apart from channels and hosts, so that a test needs neither.</summary>
public static class GizmoCounter
{
    public static int Count(DetectionFrame frame, double minConfidence)
    {
        var count = 0;
        foreach (ref readonly var found in frame.Objects)
        {
            count += found.Confidence >= minConfidence ? 1 : 0;
        }

        return count;
    }
}
