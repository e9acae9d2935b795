namespace Omnisight.Messages;

/// <summary>Flags of a video frame.</summary>
[Flags]
public enum VideoFlags : uint
{
    /// <summary>The frame has a checksum.</summary>
    None = 0,

    /// <summary>The frame has no checksum; the transport's sequence check guards it.</summary>
    NoChecksum = 1,
}
