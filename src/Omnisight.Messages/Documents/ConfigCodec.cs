namespace Omnisight.Messages;

/// <summary>The message <c>omnisight.config</c>: the configuration in effect, with the source of each value and secrets masked.</summary>
[ExportMessage]
public sealed class ConfigCodec() : JsonDocumentCodec("omnisight.config", "config", TimeSpan.Zero);
