namespace Omnisight.Commands;

/// <summary>The two Stream channels that requests and answers travel on.</summary>
public static class CommandChannels
{
    /// <summary>The longest command line in bytes without its line break: with it, 4,096 = PIPE_BUF, so that lines of many writers never mix.</summary>
    public const int MaxCommandBytes = 4095;

    /// <summary>The longest acknowledgement line in bytes without its line break: it has a single writer, the core.</summary>
    public const int MaxAcknowledgementBytes = (256 * 1024) - 1;

    /// <summary>Requests: many writers, read by the core.</summary>
    public static ChannelSpec Commands { get; } = new()
    {
        Name = ChannelName.Parse("commands"),
        ResourceName = "cmd",
        MessageId = "omnisight.command/1",
        Delivery = Delivery.Stream,
        MaxPayloadBytes = MaxCommandBytes,
    };

    /// <summary>Answers: written by the core; a client that wants its own for certain opens an inbox beside it.</summary>
    public static ChannelSpec Acks { get; } = new()
    {
        Name = ChannelName.Parse("acks"),
        ResourceName = "cmd_ack",
        MessageId = "omnisight.ack/1",
        Delivery = Delivery.Stream,
        MaxPayloadBytes = MaxAcknowledgementBytes,
    };
}
