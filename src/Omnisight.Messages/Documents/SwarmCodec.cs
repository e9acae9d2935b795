namespace Omnisight.Messages;

/// <summary>The message <c>omnisight.swarm</c>: the neighbours of this node (PROTOCOL 4).</summary>
[ExportMessage]
public sealed class SwarmCodec() : JsonDocumentCodec("omnisight.swarm", "swarm", TimeSpan.FromSeconds(2));
