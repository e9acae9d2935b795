namespace Omnisight;

/// <summary>A transport that gives each client of a Stream channel an inbox of its own, so that answers reach only the one who asked.</summary>
public interface IInboxTransport : ITransport
{
    /// <summary>Makes an inbox beside the channel; it is gone when the reader is disposed or its process dies.</summary>
    IInbox OpenInbox(ChannelSpec channel);

    /// <summary>Sends one message to an inbox. Never waits. NoReader when nobody has it open, Failed when the address is not a valid name.</summary>
    PublishResult Send(ChannelSpec channel, string address, ReadOnlySpan<byte> payload);
}

/// <summary>The reading end that one client owns.</summary>
public interface IInbox : IReader
{
    /// <summary>What a sender names to reach it: a name, never a path.</summary>
    string Address { get; }
}
