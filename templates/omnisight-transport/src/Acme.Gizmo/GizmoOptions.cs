namespace Acme.Gizmo;

/// <summary>The section "Acme.Gizmo" of the configuration; plugin.json says what its values may be.</summary>
public sealed class GizmoOptions
{
    /// <summary>How often a waiting reader looks at the file.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(10);
}
