using System.Text.Json;

namespace Omnisight.Kernel.Configuration;

/// <summary>The configuration in force as one JSON object.</summary>
internal static class ConfigDocument
{
    private const string Mask = "***";

    public static void Write(Utf8JsonWriter writer, IEnumerable<ConfigEntry> entries, SchemaSection schema, long timestampMs)
    {
        var all = entries.ToList();
        writer.WriteStartObject();
        writer.WriteNumber("timestamp", timestampMs);
        writer.WritePropertyName("values");
        WriteNested(writer, all, e => WriteMasked(writer, e));
        writer.WriteStartObject("sources");
        foreach (var entry in all)
        {
            writer.WriteString(entry.Key, entry.Source.Place);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("pinned");
        foreach (var entry in all.Where(e => e.Source.Pins))
        {
            writer.WriteStringValue(entry.Key);
        }

        writer.WriteEndArray();
        writer.WritePropertyName("schema");
        JsonSchemaWriter.Write(writer, schema);
        writer.WriteEndObject();
    }

    /// <summary>Entries sorted by key as nested objects.</summary>
    public static void WriteNested(Utf8JsonWriter writer, IEnumerable<ConfigEntry> entries, Action<ConfigEntry> value)
    {
        string[] open = [];
        writer.WriteStartObject();
        foreach (var entry in entries.OrderBy(e => e.Key.Replace(':', '\u0001'), StringComparer.Ordinal))
        {
            var path = entry.Key.Split(':');
            var common = 0;
            while (common < open.Length && common < path.Length - 1 && open[common] == path[common])
            {
                common++;
            }

            for (var i = open.Length; i > common; i--)
            {
                writer.WriteEndObject();
            }

            for (var i = common; i < path.Length - 1; i++)
            {
                writer.WriteStartObject(path[i]);
            }

            open = path[..^1];
            writer.WritePropertyName(path[^1]);
            value(entry);
        }

        for (var i = open.Length; i >= 0; i--)
        {
            writer.WriteEndObject();
        }
    }

    public static void WriteMasked(Utf8JsonWriter writer, ConfigEntry entry)
    {
        if (entry.Option.Secret)
        {
            writer.WriteStringValue(Mask);
        }
        else
        {
            entry.Value.WriteTo(writer);
        }
    }
}
