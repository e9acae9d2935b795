namespace Omnisight;

/// <summary>The writing end of a channel, in bytes. Not thread-safe: one loop owns it. Disposing closes the channel cleanly, and never publishes.</summary>
public interface IPublisher : IAsyncDisposable
{
    /// <summary>The channel.</summary>
    ChannelSpec Channel { get; }

    /// <summary>The form that <see cref="Publish"/> expects.</summary>
    PayloadEncoding Encoding { get; }

    /// <summary>This publisher's epoch; 0 where the transport is not sequenced.</summary>
    ulong Epoch { get; }

    /// <summary>What was counted so far.</summary>
    ChannelCounters Counters { get; }

    /// <summary>Publishes one payload. Never blocks, never throws for an expected outcome, allocates nothing.</summary>
    PublishResult Publish(ReadOnlySpan<byte> payload);
}
