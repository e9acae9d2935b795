namespace Omnisight.Messages;

/// <summary>How a video frame's data is to be read.</summary>
public enum PixelFormat : uint
{
    /// <summary>Not set: no frame carries it.</summary>
    None,

    /// <summary>Blue, green, red; one byte each.</summary>
    Bgr24,

    /// <summary>Red, green, blue; one byte each.</summary>
    Rgb24,

    /// <summary>One byte a pixel.</summary>
    Gray8,

    /// <summary>A plane of Y, then a plane of half height with U and V interleaved.</summary>
    Nv12,

    /// <summary>A compressed JPEG image.</summary>
    Jpeg,
}
