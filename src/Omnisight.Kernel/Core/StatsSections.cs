namespace Omnisight.Kernel.Core;

/// <summary>The sections of the stats document that modules fill by reporting (PROTOCOL 4), with the members that are always there.</summary>
internal static class StatsSections
{
    /// <summary>Members that the kernel writes itself: a report into one would make the document hold a name twice.</summary>
    public static bool AreKernels(string section, string name) =>
        section is "timestamp" or "uptime_ms" or "system" or "plugins" or "ipc" || (name == "enabled" && Fixed.Any(f => f.Section == section));

    public static IReadOnlyList<(string Section, string[] Members)> Fixed { get; } =
    [
        ("perception", ["fps", "avg_inference_ms", "objects_tracked", "dropped_frames"]),
        ("timeline", ["active_timelines", "total_events_predicted", "avg_prediction_ms"]),
        ("swarm", ["num_neighbors", "network_health", "tracks_shared", "events_shared"]),
    ];
}
