namespace Omnisight.Kernel.Wiring;

/// <summary>A channel, the transport that carries it, and its message's format where one is known.</summary>
internal sealed record ChannelPlan(ChannelSpec Spec, string Scheme, ITransport Transport, IMessageFormat? Format);
