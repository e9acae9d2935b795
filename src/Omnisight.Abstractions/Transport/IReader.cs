namespace Omnisight;

/// <summary>
/// A reading end of a channel, in bytes. Not thread-safe: one loop owns it. It attaches, re-attaches after a restart of the
/// writer, and never ends by itself.
/// </summary>
public interface IReader : IAsyncDisposable
{
    /// <summary>The channel.</summary>
    ChannelSpec Channel { get; }

    /// <summary>The form of the payloads.</summary>
    PayloadEncoding Encoding { get; }

    /// <summary>What was counted so far.</summary>
    ChannelCounters Counters { get; }

    /// <summary>
    /// Takes the newest value (Latest) or the next message (Stream), if this reader has not had it, and hands its bytes to the decoder.
    /// Never blocks, never throws for what is found in the bytes, allocates nothing in steady state.
    /// </summary>
    /// <param name="decoder">Called with the payload; may be called again with newer bytes in the same read. What it wrote counts only when the result is Fresh.</param>
    /// <param name="info">With Fresh: the value's place. With other results: that of the last value this reader took, and the rejection.</param>
    ReadStatus Read(IPayloadDecoder decoder, out SampleInfo info);

    /// <summary>
    /// Waits until there may be something new ("look again": wakes coalesce, and may be false), at most about a second. False when the reader was disposed.
    /// Holds no pool thread while it waits.
    /// </summary>
    ValueTask<bool> WaitAsync(CancellationToken cancellationToken);
}

/// <summary>Takes a payload out of the transport's memory.</summary>
public interface IPayloadDecoder
{
    /// <summary>
    /// Decodes or copies the payload. The bytes may be shared memory that changes while they are read (map mode): check each field once, from a local,
    /// never trust a count twice; the transport validates afterwards and discards the result when the bytes changed.
    /// </summary>
    Rejection Decode(ReadOnlySpan<byte> payload);
}
