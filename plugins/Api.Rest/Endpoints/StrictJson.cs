using System.Text.Json;
using System.Text.Unicode;
using Omnisight.Commands;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>
/// Looks over a request body before anything reads it: one JSON object of bounded depth, valid UTF-8, no name twice, no half
/// surrogates, no NUL. What a JSON document accepts at first and throws at when it is read later is found here, with its place.
/// </summary>
internal static class StrictJson
{
    /// <summary>What the core takes, less the command and its data that the object is put into.</summary>
    private const int MaxDepth = CommandParser.MaxDepth - 2;

    /// <summary>What is wrong, and where (counted from 1); null = nothing.</summary>
    public readonly record struct Problem(long Line, long Column, string Message);

    public static Problem? Find(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            return At(json, FirstInvalid(json), "not valid UTF-8");
        }

        if (json.IsEmpty)
        {
            return new Problem(1, 1, "the body is empty; it must be one JSON object");
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            return Scan(json, ref reader);
        }
        catch (JsonException e)
        {
            return new Problem((e.LineNumber ?? 0) + 1, (e.BytePositionInLine ?? 0) + 1, Brief(e.Message));
        }
        catch (InvalidOperationException)
        {
            // What GetString says to an escape that is half a surrogate pair.
            return At(json, (int)reader.TokenStartIndex, "a string holds half a surrogate pair");
        }
    }

    private static Problem? Scan(ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
    {
        var names = new Stack<HashSet<string>>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    names.Push([]);
                    break;
                case JsonTokenType.EndObject:
                    _ = names.Pop();
                    break;
                case JsonTokenType.PropertyName when !names.Peek().Add(reader.GetString()!):
                    return At(json, (int)reader.TokenStartIndex, $"'{reader.GetString()}' is there twice");
                case JsonTokenType.PropertyName or JsonTokenType.String when reader.GetString()!.Contains('\0', StringComparison.Ordinal):
                    return At(json, (int)reader.TokenStartIndex, "a string holds a NUL");
            }

            if (names.Count == 0 && reader.TokenType != JsonTokenType.EndObject)
            {
                return new Problem(1, 1, "the body must be one JSON object");
            }
        }

        return null;
    }

    private static Problem At(ReadOnlySpan<byte> json, int position, string message)
    {
        var before = json[..position];
        return new Problem(before.Count((byte)'\n') + 1, position - before.LastIndexOf((byte)'\n'), message);
    }

    private static int FirstInvalid(ReadOnlySpan<byte> json)
    {
        var at = 0;
        while (System.Text.Rune.DecodeFromUtf8(json[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }

    /// <summary>The serialiser's message without the position that it appends, counted from 0.</summary>
    private static string Brief(string message) => message.IndexOf(" LineNumber:", StringComparison.Ordinal) is > 0 and var end ? message[..end] : message;
}
