using System.Runtime.InteropServices;

namespace Omnisight;

/// <summary>Why bytes were not accepted. The names, in snake case, are the labels of the metrics.</summary>
public enum RejectReason
{
    /// <summary>They were accepted.</summary>
    None,

    /// <summary>The magic number is another.</summary>
    BadMagic,

    /// <summary>A version that this reader does not know.</summary>
    VersionMismatch,

    /// <summary>The channel carries another message.</summary>
    MessageMismatch,

    /// <summary>More elements than the capacity or the length allows.</summary>
    Count,

    /// <summary>The checksum does not match.</summary>
    Crc,

    /// <summary>A value outside its range.</summary>
    Value,

    /// <summary>Fewer bytes than the header says.</summary>
    Truncated,

    /// <summary>Sizes or offsets that contradict each other or the file.</summary>
    BadLayout,

    /// <summary>Owner or mode that can't be trusted.</summary>
    UnsafeOwner,

    /// <summary>The index names a slot that never becomes readable.</summary>
    Latest,

    /// <summary>Not valid JSON of this message.</summary>
    BadJson,

    /// <summary>Longer than the channel may carry.</summary>
    TooLarge,

    /// <summary>Not a FIFO.</summary>
    NotFifo,

    /// <summary>Left over from another boot.</summary>
    Leftover,

    /// <summary>It could not be looked at, for this process or the system has too little left (descriptors, memory); it may be as good as ever.</summary>
    Unreadable,
}

/// <summary>A reason, with what was found and what would have been accepted.</summary>
/// <param name="Reason">None = accepted.</param>
/// <param name="Found">The offending number (magic, version, count, length, errno, ...).</param>
/// <param name="Expected">What it should have been: the only value, the limit, or the newest known version.</param>
public readonly record struct Rejection(RejectReason Reason, ulong Found = 0, ulong Expected = 0)
{
    /// <summary>Accepted.</summary>
    public static Rejection None => default;

    /// <summary>True when the bytes were accepted.</summary>
    public bool IsNone => Reason == RejectReason.None;

    /// <inheritdoc/>
    public override string ToString() => Reason switch
    {
        RejectReason.None => "accepted",
        RejectReason.BadMagic => $"bad_magic: found 0x{Found:X8}, expected 0x{Expected:X8}",
        RejectReason.VersionMismatch => $"version_mismatch: found version {Found}, this reader knows up to {Expected}",
        RejectReason.Unreadable when Found != 0 => $"unreadable: {Marshal.GetPInvokeErrorMessage((int)Found)}",
        _ when Found == 0 && Expected == 0 => Label,
        _ => $"{Label}: found {Found}, expected {Expected}",
    };

    /// <summary>The reason in snake case, as metrics and error codes spell it.</summary>
    public string Label => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(Reason.ToString());
}
