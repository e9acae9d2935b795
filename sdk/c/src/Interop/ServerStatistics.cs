using System.Runtime.InteropServices;

namespace Omnisight.Sdk;

/// <summary>What a server counted since ipc_server_start().</summary>
[StructLayout(LayoutKind.Explicit, Size = 88)]
internal struct ServerStatistics
{
    /// <summary>Frames published.</summary>
    [FieldOffset(0)]
    public ulong DetectionsPublished;

    /// <summary>Frames published.</summary>
    [FieldOffset(8)]
    public ulong TracksPublished;

    /// <summary>Frames published.</summary>
    [FieldOffset(16)]
    public ulong TimelinesPublished;

    /// <summary>Payload bytes of all frames.</summary>
    [FieldOffset(24)]
    public ulong BytesPublished;

    /// <summary>Objects, tracks and timelines that did not fit into their frames.</summary>
    [FieldOffset(32)]
    public ulong ObjectsTruncated;

    /// <summary>Frames and documents that could not be published.</summary>
    [FieldOffset(40)]
    public ulong PublishErrors;

    /// <summary>Command lines that arrived.</summary>
    [FieldOffset(48)]
    public ulong CommandsReceived;

    /// <summary>Commands carried out, PING and HELLO included.</summary>
    [FieldOffset(56)]
    public ulong CommandsExecuted;

    /// <summary>Command lines that were refused.</summary>
    [FieldOffset(64)]
    public ulong CommandsRefused;

    /// <summary>Acknowledgements that nobody took.</summary>
    [FieldOffset(72)]
    public ulong AcksDropped;

    /// <summary>Milliseconds since ipc_server_start().</summary>
    [FieldOffset(80)]
    public ulong UptimeMs;
}
