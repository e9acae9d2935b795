using System.Runtime.InteropServices;

namespace Omnisight.Sdk;

/// <summary>How a server is set up. Fill it with ipc_server_get_default_config(), then change what you need; texts are copied by ipc_server_init().</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal unsafe struct ServerConfig
{
    /// <summary>sizeof(IPCServerConfig) of the header you were compiled with; set by ipc_server_get_default_config().</summary>
    [FieldOffset(0)]
    public uint StructSize;

    /// <summary>Frame version to write: 2, or 1 for readers built on the fixed structs.</summary>
    [FieldOffset(4)]
    public uint Protocol;

    /// <summary>Prefix of every name, [a-z0-9-]{1,31}; NULL = "omnisight".</summary>
    [FieldOffset(8)]
    public byte* Instance;

    /// <summary>Where FIFOs and JSON files are kept; NULL = $RUNTIME_DIRECTORY, $XDG_RUNTIME_DIR/omnisight or /tmp/omnisight-UID.</summary>
    [FieldOffset(16)]
    public byte* RuntimeDir;

    /// <summary>The image's width in pixels, carried by every frame; at most 65535.</summary>
    [FieldOffset(24)]
    public uint ImageWidth;

    /// <summary>The image's height in pixels.</summary>
    [FieldOffset(28)]
    public uint ImageHeight;

    /// <summary>Frames kept per channel, 2 to 64; 4 by default.</summary>
    [FieldOffset(32)]
    public uint Slots;

    /// <summary>Detections a frame holds, 50 by default (with protocol 1 at most); the most confident stay, the rest is counted.</summary>
    [FieldOffset(36)]
    public uint MaxDetections;

    /// <summary>Tracks a frame holds, 50 by default (with protocol 1 at most).</summary>
    [FieldOffset(40)]
    public uint MaxTracks;

    /// <summary>Timelines a frame holds, 5 by default (with protocol 1 at most).</summary>
    [FieldOffset(44)]
    public uint MaxTimelines;

    /// <summary>1 = serve commands (default), 0 = publish only.</summary>
    [FieldOffset(48)]
    public uint EnableCommands;

    /// <summary>Commands with effects carried out in a second, 200 by default, at most 1,000,000; 0 = unlimited.</summary>
    [FieldOffset(52)]
    public uint CommandRate;

    /// <summary>Called for each command, one at a time, on a thread of the library; NULL = PING and HELLO alone are answered.</summary>
    [FieldOffset(56)]
    public delegate* unmanaged[Cdecl]<uint, byte*, void*, byte> CommandCallback;

    /// <summary>Handed to the callback.</summary>
    [FieldOffset(64)]
    public void* CallbackUserData;
}
