namespace Omnisight.Sdk;

/// <summary>Why a call failed; omnisight_last_error() says it in words.</summary>
internal enum ErrorCode
{
    /// <summary>It did not fail.</summary>
    None = 0,

    /// <summary>An argument that can't be: NULL, out of range, not a valid name.</summary>
    BadArgument = -1,

    /// <summary>Not a handle, or one that was closed.</summary>
    BadHandle = -2,

    /// <summary>The channel already has the publisher or reader that it may have.</summary>
    InUse = -3,

    /// <summary>What is there belongs to somebody else: refused for safety.</summary>
    Unsafe = -4,

    /// <summary>No space.</summary>
    NoSpace = -5,

    /// <summary>No permission.</summary>
    Permission = -6,

    /// <summary>This machine or this channel can't do it.</summary>
    NotSupported = -7,

    /// <summary>The process is a fork of the one that opened the library: call exec, or the library in one of the two alone.</summary>
    Forked = -8,

    /// <summary>The buffer is too small; the needed size was stored.</summary>
    TooSmall = -9,

    /// <summary>An error inside of the library.</summary>
    Internal = -10,

    /// <summary>The reader is of another message.</summary>
    WrongMessage = -11,

    /// <summary>The server is not started, or stopped.</summary>
    NotStarted = -12,

    /// <summary>Publishing failed (value too large, disk full, ...).</summary>
    NotPublished = -13,
}
