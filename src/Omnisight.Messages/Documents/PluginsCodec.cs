namespace Omnisight.Messages;

/// <summary>The message <c>omnisight.plugins</c>: every plugin of the core with its state and reason.</summary>
[ExportMessage]
public sealed class PluginsCodec() : JsonDocumentCodec("omnisight.plugins", "plugins", TimeSpan.Zero);
