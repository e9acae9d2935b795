using Omnisight;

namespace Fixtures.ThrowsInTransport;

[ExportTransport("thrower")]
public sealed class Thrower : ITransport
{
    public Thrower() => throw new InvalidOperationException("the broker is not there");

    public TransportTraits Traits => new() { Encoding = PayloadEncoding.Binary };

    public IPublisher OpenPublisher(ChannelSpec channel) => throw new NotSupportedException();

    public IReader OpenReader(ChannelSpec channel) => throw new NotSupportedException();
}
