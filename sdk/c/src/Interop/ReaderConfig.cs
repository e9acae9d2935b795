using System.Runtime.InteropServices;

namespace Omnisight.Sdk;

/// <summary>Which channel a reader reads, and how. Zero it, set struct_size and channel; texts are copied by omnisight_open().</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct ReaderConfig
{
    /// <summary>sizeof(OmnisightReaderConfig) of the header you were compiled with.</summary>
    [FieldOffset(0)]
    public uint StructSize;

    /// <summary>OMNISIGHT_MODE_SAFE (0): frames are copied, a damaged region costs a rejected read. OMNISIGHT_MODE_MAP (1): frames are read where they lie, leases are possible, the writer is trusted.</summary>
    [FieldOffset(4)]
    public uint Mode;

    /// <summary>NULL = "omnisight".</summary>
    [FieldOffset(8)]
    public byte* Instance;

    /// <summary>The channel: "detections", "tracks", "timelines", "stats", "status", or any other.</summary>
    [FieldOffset(16)]
    public byte* Channel;

    /// <summary>The message's name, "omnisight.detections"; NULL = the one that the channel carries by default, for others whatever is there.</summary>
    [FieldOffset(24)]
    public byte* Message;

    /// <summary>"shm" or "jsonfile"; NULL = jsonfile for stats, status, swarm, plugins, config and proc-*, shm for all others.</summary>
    [FieldOffset(32)]
    public byte* Transport;

    /// <summary>NULL = where the instance's regions say it is, else as for a server.</summary>
    [FieldOffset(40)]
    public byte* RuntimeDir;

    /// <summary>Milliseconds between values; one that is not renewed for three of them, and half a second, is stale; 0 = the channel's default.</summary>
    [FieldOffset(48)]
    public uint PeriodMs;

    /// <summary>The largest payload of a raw read in bytes; 0 = 1 MiB for messages that the library does not know.</summary>
    [FieldOffset(52)]
    public uint MaxPayloadBytes;

    /// <summary>A user besides your own and root whose channels are read; 0 = none.</summary>
    [FieldOffset(56)]
    public uint TrustedUid;

    /// <summary>Zero.</summary>
    [FieldOffset(60)]
    public uint Reserved;
}
