using System.Text;
using System.Text.Json;

namespace Omnisight.Kernel.Configuration;

/// <summary>A JSON value that knows its line and column. Comments and trailing commas are allowed, a key twice is an error.</summary>
internal sealed class JsonNodeTree
{
    private const int MaxDepth = 16;
    private static readonly JsonReaderOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = MaxDepth };

    public required JsonValueKind Kind { get; init; }

    public required int Line { get; init; }

    public required int Column { get; init; }

    /// <summary>A string's text, or a number as written.</summary>
    public string Text { get; init; } = "";

    /// <summary>An object's members in the order they were written.</summary>
    public IReadOnlyList<(string Name, JsonNodeTree Node)> Members { get; init; } = [];

    public IReadOnlyList<JsonNodeTree> Items { get; init; } = [];

    public JsonNodeTree? this[string name] => Members.FirstOrDefault(m => m.Name == name).Node;

    /// <summary>What it is, in words.</summary>
    public string Describe() => Kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => $"'{Text}'",
        JsonValueKind.Number => Text,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };

    /// <summary>Parses a document.</summary>
    /// <exception cref="JsonTreeException">It is not JSON, or has a key twice.</exception>
    public static JsonNodeTree Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8[3..];
        }

        var lines = new LineIndex(utf8);
        var reader = new Utf8JsonReader(utf8, Options);
        try
        {
            _ = reader.Read();
            var root = Read(ref reader, lines, utf8);
            _ = reader.Read();
            return root;
        }
        catch (JsonException e)
        {
            var message = e.Message.Split(" LineNumber:", 2)[0].Split(" Path:", 2)[0];
            throw new JsonTreeException(message, (int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1);
        }
        catch (InvalidOperationException e)
        {
            var (line, column) = lines.At(utf8, (int)reader.TokenStartIndex);
            throw new JsonTreeException("this text is not valid UTF-8: " + e.Message, line, column);
        }
    }

    private static JsonNodeTree Read(ref Utf8JsonReader reader, LineIndex lines, ReadOnlySpan<byte> utf8)
    {
        var (line, column) = lines.At(utf8, (int)reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var members = new List<(string, JsonNodeTree)>();
                var seen = new HashSet<string>(StringComparer.Ordinal);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = reader.GetString()!;
                    var (nameLine, nameColumn) = lines.At(utf8, (int)reader.TokenStartIndex);
                    if (!seen.Add(name))
                    {
                        throw new JsonTreeException($"the key '{name}' is there twice; remove one", nameLine, nameColumn);
                    }

                    _ = reader.Read();
                    members.Add((name, Read(ref reader, lines, utf8)));
                }

                return new JsonNodeTree { Kind = JsonValueKind.Object, Line = line, Column = column, Members = members };
            case JsonTokenType.StartArray:
                var items = new List<JsonNodeTree>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Read(ref reader, lines, utf8));
                }

                return new JsonNodeTree { Kind = JsonValueKind.Array, Line = line, Column = column, Items = items };
            case JsonTokenType.String:
                return new JsonNodeTree { Kind = JsonValueKind.String, Line = line, Column = column, Text = reader.GetString()! };
            case JsonTokenType.Number:
                return new JsonNodeTree { Kind = JsonValueKind.Number, Line = line, Column = column, Text = Encoding.ASCII.GetString(reader.ValueSpan) };
            case JsonTokenType.True:
                return new JsonNodeTree { Kind = JsonValueKind.True, Line = line, Column = column };
            case JsonTokenType.False:
                return new JsonNodeTree { Kind = JsonValueKind.False, Line = line, Column = column };
            default:
                return new JsonNodeTree { Kind = JsonValueKind.Null, Line = line, Column = column };
        }
    }

    /// <summary>Where lines begin, so that an offset becomes a line and a column.</summary>
    private sealed class LineIndex
    {
        private readonly List<int> _starts = [0];

        public LineIndex(ReadOnlySpan<byte> utf8)
        {
            for (var i = 0; i < utf8.Length; i++)
            {
                if (utf8[i] == '\n')
                {
                    _starts.Add(i + 1);
                }
            }
        }

        public (int Line, int Column) At(ReadOnlySpan<byte> utf8, int offset)
        {
            var line = _starts.BinarySearch(offset);
            line = line < 0 ? ~line - 1 : line;
            return (line + 1, Encoding.UTF8.GetCharCount(utf8[_starts[line]..offset]) + 1);
        }
    }
}
