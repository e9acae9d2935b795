using Omnisight;

namespace Fixtures.DuplicateScheme;

[ExportTransport("memory")]
public sealed class OtherMemory : ITransport
{
    public TransportTraits Traits => new() { Encoding = PayloadEncoding.Binary };

    public IPublisher OpenPublisher(ChannelSpec channel) => throw new NotSupportedException();

    public IReader OpenReader(ChannelSpec channel) => throw new NotSupportedException();
}

/// <summary>Fine by itself, but its plugin is refused as a whole.</summary>
[ExportMessage]
public sealed class Bystander : IMessageFormat
{
    public string Name => "fixture.bystander";

    public int MinVersion => 1;

    public int MaxVersion => 1;

    public Type PayloadType => typeof(object);

    public ChannelSpec DefaultChannel { get; } = new() { Name = ChannelName.Parse("bystander"), MessageId = "fixture.bystander/1" };

    public int MaxBytes(int version, int capacity, PayloadEncoding encoding) => 1;

    public Rejection PayloadToJson(ReadOnlySpan<byte> payload, PayloadEncoding encoding, System.Text.Json.Utf8JsonWriter writer) => Rejection.None;
}
