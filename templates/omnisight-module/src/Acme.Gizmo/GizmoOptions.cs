using System.ComponentModel.DataAnnotations;

namespace Acme.Gizmo;

/// <summary>The section "Acme.Gizmo" of the configuration; plugin.json says the same for those who only have the manifest.</summary>
public sealed class GizmoOptions
{
    /// <summary>Detections below this confidence are not counted.</summary>
    [Range(0.0, 1.0)]
    public double MinConfidence { get; set; } = 0.5;
}
