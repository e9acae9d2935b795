namespace Omnisight.Messages;

/// <summary>The message <c>omnisight.status</c>: how the core and its modules are (PROTOCOL 4).</summary>
[ExportMessage]
public sealed class StatusCodec() : JsonDocumentCodec("omnisight.status", "status", TimeSpan.FromSeconds(1));
