using System.Text.Json;

namespace Omnisight.Api.Rest.Channels;

/// <summary>
/// Where the elements (detections, tracks, timelines) lie in a body, with their confidence and class, so that a filter
/// copies slices instead of serialising again, and so that no payload type needs to be known here.
/// </summary>
internal sealed class ElementIndex
{
    private readonly List<Element> _elements = [];
    private int _start;
    private int _end;

    private readonly record struct Element(int Start, int Length, double Confidence, int ClassStart, int ClassLength);

    /// <summary>Indexes the first array of objects in the data object of a body.</summary>
    public static ElementIndex Of(ReadOnlySpan<byte> body)
    {
        var index = new ElementIndex { _start = -1 };
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = PayloadJson.MaxDepth + 1 });
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.StartArray && reader.CurrentDepth == 2)
            {
                var first = (int)reader.TokenStartIndex + 1;
                if (index.ReadArray(ref reader))
                {
                    (index._start, index._end) = (first, (int)reader.TokenStartIndex);
                    break;
                }
            }
        }

        return index;
    }

    /// <summary>The body with only the elements that pass. <paramref name="shift"/> moves the positions for a variant of the indexed body.</summary>
    public byte[] Select(byte[] body, int shift, ElementFilter filter)
    {
        if (_start < 0)
        {
            return body;
        }

        var passing = _elements.Where(e => e.Confidence >= filter.MinimumConfidence && OfClass(body, shift, e, filter)).ToArray();
        var length = _start + shift + passing.Sum(e => e.Length) + Math.Max(0, passing.Length - 1) + (body.Length - (_end + shift));
        var result = new byte[length];
        var at = _start + shift;
        body.AsSpan(0, at).CopyTo(result);
        foreach (var element in passing)
        {
            if (at > _start + shift)
            {
                result[at++] = (byte)',';
            }

            body.AsSpan(element.Start + shift, element.Length).CopyTo(result.AsSpan(at));
            at += element.Length;
        }

        body.AsSpan(_end + shift).CopyTo(result.AsSpan(at));
        return result;
    }

    private static bool OfClass(byte[] body, int shift, Element element, ElementFilter filter)
    {
        if (filter.Classes.Count == 0)
        {
            return true;
        }

        foreach (var name in filter.Classes)
        {
            if (body.AsSpan(element.ClassStart + shift, element.ClassLength).SequenceEqual(name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads to the array's end; false when it holds something else than objects.</summary>
    private bool ReadArray(ref Utf8JsonReader reader)
    {
        _elements.Clear();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            ReadElement(ref reader);
        }

        return true;
    }

    private void ReadElement(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        var depth = reader.CurrentDepth;
        var (confidence, classStart, classLength) = (double.PositiveInfinity, 0, 0);
        while (reader.Read() && !(reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == depth))
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != depth + 1)
            {
                continue;
            }

            if (reader.ValueTextEquals("confidence"u8) || reader.ValueTextEquals("overall_probability"u8))
            {
                _ = reader.Read();
                confidence = reader.TokenType == JsonTokenType.Number ? reader.GetDouble() : confidence;
            }
            else if (reader.ValueTextEquals("class"u8))
            {
                _ = reader.Read();
                (classStart, classLength) = reader.TokenType == JsonTokenType.String ? ((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length) : (0, 0);
            }
        }

        _elements.Add(new Element(start, (int)reader.TokenStartIndex + 1 - start, confidence, classStart, classLength));
    }
}
