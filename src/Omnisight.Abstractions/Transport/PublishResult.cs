namespace Omnisight;

/// <summary>What became of a payload.</summary>
public enum PublishResult
{
    /// <summary>Readers can see it.</summary>
    Published,

    /// <summary>Nobody reads the channel; the payload is gone (Stream only).</summary>
    NoReader,

    /// <summary>The reader is too slow; the payload is gone, the counter Lost is one higher (Stream only).</summary>
    Full,

    /// <summary>The payload is larger than the channel or the transport carries.</summary>
    TooLarge,

    /// <summary>The publisher was disposed.</summary>
    Closed,

    /// <summary>The write failed (disk full, file system read-only); the reason is in the log, the last value stays.</summary>
    Failed,
}
