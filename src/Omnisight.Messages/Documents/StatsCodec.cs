namespace Omnisight.Messages;

/// <summary>The message <c>omnisight.stats</c>: what the core measured (PROTOCOL 4).</summary>
[ExportMessage]
public sealed class StatsCodec() : JsonDocumentCodec("omnisight.stats", "stats", TimeSpan.FromSeconds(1));
