using System.Text.Json;
using System.Text.RegularExpressions;

namespace Omnisight.Api.Rest.Tests.Node;

/// <summary>Checks JSON against the part of JSON Schema that docs/openapi.json uses, and fails on a keyword it does not know rather than pass over it.</summary>
internal sealed class SchemaCheck(JsonElement document)
{
    private static readonly string[] Ignored = ["description", "format"];

    public List<string> Problems { get; } = [];

    public void Check(JsonElement schema, JsonElement value, string at)
    {
        foreach (var rule in schema.EnumerateObject())
        {
            switch (rule.Name)
            {
                case "$ref":
                    Check(Resolve(rule.Value.GetString()!), value, at);
                    break;
                case "type":
                    Expect(Types(rule.Value).Any(t => IsOf(t, value)), $"{at} is {value.ValueKind}, not {rule.Value}");
                    break;
                case "const":
                    Expect(rule.Value.GetRawText() == value.GetRawText(), $"{at} is {value}, not {rule.Value}");
                    break;
                case "enum":
                    Expect(rule.Value.EnumerateArray().Any(e => e.GetRawText() == value.GetRawText()), $"{at} is {value}, not of {rule.Value}");
                    break;
                case "required" when value.ValueKind == JsonValueKind.Object:
                    foreach (var name in rule.Value.EnumerateArray())
                    {
                        Expect(value.TryGetProperty(name.GetString()!, out _), $"{at} lacks {name}");
                    }

                    break;
                case "properties" when value.ValueKind == JsonValueKind.Object:
                    foreach (var property in rule.Value.EnumerateObject().Where(p => value.TryGetProperty(p.Name, out _)))
                    {
                        Check(property.Value, value.GetProperty(property.Name), $"{at}.{property.Name}");
                    }

                    break;
                case "additionalProperties" when value.ValueKind == JsonValueKind.Object:
                    var known = schema.TryGetProperty("properties", out var properties) ? properties.EnumerateObject().Select(p => p.Name).ToHashSet() : [];
                    foreach (var member in value.EnumerateObject().Where(m => !known.Contains(m.Name)))
                    {
                        if (rule.Value.ValueKind == JsonValueKind.False)
                        {
                            Problems.Add($"{at} has an undocumented member {member.Name}");
                        }
                        else
                        {
                            Check(rule.Value, member.Value, $"{at}.{member.Name}");
                        }
                    }

                    break;
                case "items" when value.ValueKind == JsonValueKind.Array:
                    foreach (var (item, n) in value.EnumerateArray().Select((v, n) => (v, n)))
                    {
                        Check(rule.Value, item, $"{at}[{n}]");
                    }

                    break;
                case "minItems" when value.ValueKind == JsonValueKind.Array:
                    Expect(value.GetArrayLength() >= rule.Value.GetInt32(), $"{at} is too short");
                    break;
                case "maxItems" when value.ValueKind == JsonValueKind.Array:
                    Expect(value.GetArrayLength() <= rule.Value.GetInt32(), $"{at} is too long");
                    break;
                case "pattern":
                    Expect(Regex.IsMatch(value.GetString()!, rule.Value.GetString()!), $"{at} does not match {rule.Value}");
                    break;
                case "allOf":
                    foreach (var part in rule.Value.EnumerateArray())
                    {
                        Check(part, value, at);
                    }

                    break;
                case "required" or "properties" or "additionalProperties" or "items" or "minItems" or "maxItems":
                    break;
                default:
                    Expect(Ignored.Contains(rule.Name), $"{at}: the check does not know the keyword {rule.Name}");
                    break;
            }
        }
    }

    /// <summary>Checks an answer against what its operation says of that status.</summary>
    public void Answer(JsonElement operation, int status, JsonElement body, string at)
    {
        if (!operation.GetProperty("responses").TryGetProperty($"{status}", out var described))
        {
            Problems.Add($"{at} is not documented");
            return;
        }

        Check(Followed(described).GetProperty("content").GetProperty("application/json").GetProperty("schema"), body, at);
    }

    /// <summary>Does a response say of its body more than that there is one? (Text is described by its media type.)</summary>
    public bool DescribesBody(JsonElement response) =>
        Followed(response).TryGetProperty("content", out var content)
        && content.EnumerateObject().All(c => c.Name.StartsWith("text/", StringComparison.Ordinal) || (c.Value.TryGetProperty("schema", out var schema) && schema.EnumerateObject().Any()));

    public JsonElement Resolve(string reference)
    {
        var at = document;
        foreach (var part in reference.TrimStart('#', '/').Split('/'))
        {
            at = at.GetProperty(part);
        }

        return at;
    }

    private JsonElement Followed(JsonElement response) => response.TryGetProperty("$ref", out var reference) ? Resolve(reference.GetString()!) : response;

    private void Expect(bool condition, string problem)
    {
        if (!condition)
        {
            Problems.Add(problem);
        }
    }

    private static IEnumerable<string> Types(JsonElement type) => type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()!) : [type.GetString()!];

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && (value.TryGetInt64(out _) || value.TryGetUInt64(out _)),
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => false,
    };
}
