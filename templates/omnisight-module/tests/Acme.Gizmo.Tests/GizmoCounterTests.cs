using Omnisight.Messages;
using Shouldly;
using Xunit;

namespace Acme.Gizmo.Tests;

public sealed class GizmoCounterTests
{
    [Fact]
    public void Only_what_is_sure_enough_counts()
    {
        var frame = new DetectionFrame();
        frame.Add(new DetectedObject { Confidence = 0.9f });
        frame.Add(new DetectedObject { Confidence = 0.4f });

        GizmoCounter.Count(frame, 0.5).ShouldBe(1);
        GizmoCounter.Count(frame, 0).ShouldBe(2);
    }
}
