using System.Buffers;
using System.Text.Json;

namespace Omnisight.Commands;

/// <summary>The key file: one JSON document, replaced as a whole.</summary>
internal static class KeyFile
{
    public static byte[] Write(IEnumerable<AccessKey> keys)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartArray("keys"u8);
            foreach (var key in keys)
            {
                json.WriteStartObject();
                json.WriteString("id"u8, key.Id);
                json.WriteString("sha256"u8, key.Sha256);
                json.WriteStartArray("scopes"u8);
                foreach (var scope in key.Scopes)
                {
                    json.WriteStringValue(CommandScopes.Name(scope));
                }

                json.WriteEndArray();
                json.WriteNumber("created_ms"u8, key.CreatedMs);
                if (key.ExpiresMs is { } expires)
                {
                    json.WriteNumber("expires_ms"u8, expires);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="FormatException">The file is not a key file.</exception>
    public static List<AccessKey> Read(ReadOnlyMemory<byte> bytes, string path)
    {
        if (bytes.IsEmpty)
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return [.. document.RootElement.GetProperty("keys"u8).EnumerateArray().Select(ReadKey)];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FormatException($"'{path}' is not a key file: {e.Message}; restore it, or remove it and make new keys", e);
        }
    }

    private static AccessKey ReadKey(JsonElement key) => new()
    {
        Id = key.GetProperty("id"u8).GetString()!,
        Sha256 = key.GetProperty("sha256"u8).GetString()!,
        Scopes = [.. key.GetProperty("scopes"u8).EnumerateArray().Select(ReadScope)],
        CreatedMs = key.TryGetProperty("created_ms"u8, out var created) ? created.GetInt64() : 0,
        ExpiresMs = key.TryGetProperty("expires_ms"u8, out var expires) ? expires.GetInt64() : null,
    };

    private static CommandScope ReadScope(JsonElement name) =>
        CommandScopes.TryParse(name.GetString(), out var scope) ? scope : throw new FormatException($"unknown scope {name}");
}
