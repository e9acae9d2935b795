using System.Text.Json;
using Omnisight.Api.Rest.Channels;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>Takes parts out of JSON documents that channels carry.</summary>
internal static class Documents
{
    /// <summary>Writes the members of a document's section, if it is there and an object.</summary>
    public static void CopyMembers(Snapshot snapshot, string section, Utf8JsonWriter writer)
    {
        using var document = JsonDocument.Parse(snapshot.Data(stale: false));
        if (document.RootElement.TryGetProperty(section, out var found) && found.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in found.EnumerateObject())
            {
                member.WriteTo(writer);
            }
        }
    }

    /// <summary>Writes a document's members except some.</summary>
    public static void CopyAllBut(JsonElement document, Utf8JsonWriter writer, params ReadOnlySpan<string> without)
    {
        foreach (var member in document.EnumerateObject())
        {
            if (!without.Contains(member.Name))
            {
                member.WriteTo(writer);
            }
        }
    }

    /// <summary>A text member, or null.</summary>
    public static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;

    /// <summary>The objects of an array member; none when it is not there.</summary>
    public static IEnumerable<JsonElement> Objects(JsonElement element, string name) =>
        element.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Array
            ? found.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.Object)
            : [];
}
