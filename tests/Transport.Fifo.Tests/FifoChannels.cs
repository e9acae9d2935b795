namespace Omnisight.Transport.Fifo.Tests;

/// <summary>Channels as the product makes them.</summary>
internal static class FifoChannels
{
    public static ChannelSpec Commands { get; } = new()
    {
        Name = ChannelName.Parse("commands"),
        ResourceName = "cmd",
        MessageId = "omnisight.command/1",
        Delivery = Delivery.Stream,
        MaxPayloadBytes = 4095,
    };

    public static ChannelSpec Acks { get; } = new()
    {
        Name = ChannelName.Parse("acks"),
        ResourceName = "cmd_ack",
        MessageId = "omnisight.ack/1",
        Delivery = Delivery.Stream,
        MaxPayloadBytes = (256 * 1024) - 1,
    };

    public static ChannelSpec Detections { get; } = new()
    {
        Name = ChannelName.Parse("detections"),
        MessageId = "omnisight.detections/2",
        Period = TimeSpan.FromMilliseconds(100),
    };
}
