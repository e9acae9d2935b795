namespace Omnisight.Messages;

/// <summary>The message <c>omnisight.process</c>: what a process that is not the core says of itself, in a channel <c>proc-PID</c> of its own.</summary>
[ExportMessage]
public sealed class ProcessCodec() : JsonDocumentCodec("omnisight.process", "process", TimeSpan.FromSeconds(1));
