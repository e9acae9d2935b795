namespace Omnisight.Transport.Shm;

/// <summary>What became of an attempt to take a frame.</summary>
internal enum TakeResult
{
    /// <summary>Decoded, and whole.</summary>
    Taken,

    /// <summary>The writer has taken the slot again, before or while it was read.</summary>
    Torn,

    /// <summary>Whole, but the decoder or the slot's length says no.</summary>
    Rejected,

    /// <summary>The file is shorter than its layout.</summary>
    Truncated,
}
