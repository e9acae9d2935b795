namespace Omnisight.Kernel.Configuration;

/// <summary>What a node does when no file says otherwise. A plugin's own defaults are in its manifest.</summary>
internal static class BuiltInDefaults
{
    public const string Place = "default";

    public static ReadOnlySpan<byte> Json => """
        { "Omnisight": {
            "Instance": "omnisight",
            "SeedPaths": false,
            "LogLevel": "information",
            "Plugins": { "Directory": "plugins", "Use": "all", "RequireTrusted": false,
              "Sets": { "core":   ["Transport.Shm", "Transport.Fifo", "Transport.JsonFile", "Perception.Simulator"],
                        "replay": ["Transport.Shm", "Transport.Fifo", "Transport.JsonFile", "Perception.Replay"],
                        "api":    ["Transport.Shm", "Transport.Fifo", "Transport.JsonFile", "Api.Rest"],
                        "all":    ["@core", "@api"] } },
            "Channels": {
              "detections": { "Transport": "shm", "StaleAfter": "00:00:05" },
              "tracks":     { "Transport": "shm", "StaleAfter": "00:00:05" },
              "timelines":  { "Transport": "shm", "StaleAfter": "00:00:05" },
              "video":      { "Transport": "shm" },
              "commands":   { "Transport": "fifo" },
              "acks":       { "Transport": "fifo" },
              "stats":      { "Transport": "jsonfile" },
              "status":     { "Transport": "jsonfile" },
              "plugins":    { "Transport": "jsonfile" },
              "config":     { "Transport": "jsonfile" },
              "swarm":      { "Transport": "jsonfile" } },
            "Commands": { "Serve": "auto", "Rate": 200, "HandlerTimeout": "00:00:00.800" } } }
        """u8;
}
