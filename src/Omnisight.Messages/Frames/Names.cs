namespace Omnisight.Messages;

/// <summary>The enumerations' names in JSON (PROTOCOL 1.1), in the order of their numbers.</summary>
internal static class Names
{
    public static readonly NameTable ObjectClass = new("unknown", "person", "vehicle", "face", "package", "animal");

    /// <summary>By bit: index i names the flag 1 &lt;&lt; i.</summary>
    public static readonly NameTable Behaviors = new("loitering", "running", "concealing", "suspicious_movement", "repeated_passes", "extended_observation");

    public static readonly NameTable EventType = new(
        "none", "loitering", "theft", "assault", "vandalism", "trespassing", "suspicious_behavior", "collision", "fall", "abandoned_object", "crowd_formation");

    public static readonly NameTable InterventionType = new(
        "none", "alert_security", "activate_speaker", "increase_lighting", "position_guard", "lock_door", "notify_police", "display_warning");

    public static readonly NameTable Severity = new("none", "low", "medium", "high", "critical");
}
