namespace Omnisight.Kernel.Core;

/// <summary>The sections of the stats document that modules fill by reporting (PROTOCOL 4), with the members that are always there.</summary>
internal static class StatsSections
{
    public static IReadOnlyList<(string Section, string[] Members)> Fixed { get; } =
    [
        ("perception", ["fps", "avg_inference_ms", "objects_tracked", "dropped_frames"]),
        ("timeline", ["active_timelines", "total_events_predicted", "avg_prediction_ms"]),
        ("swarm", ["num_neighbors", "network_health", "tracks_shared", "events_shared"]),
    ];
}
