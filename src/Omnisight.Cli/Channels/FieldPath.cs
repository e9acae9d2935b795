using System.Globalization;
using System.Text.Json;

namespace Omnisight.Cli.Channels;

/// <summary>A way into a JSON value: <c>detections[0].confidence</c>, <c>tracks[*].class</c>.</summary>
internal sealed class FieldPath
{
    private readonly List<string> _steps = [];

    private FieldPath(string text) => Text = text;

    public string Text { get; }

    public static FieldPath Parse(string text)
    {
        var path = new FieldPath(text);
        foreach (var part in text.Split('.'))
        {
            var name = part.Split('[')[0];
            if (name.Length > 0)
            {
                path._steps.Add(name);
            }

            foreach (var index in part.Split('[').Skip(1))
            {
                if (!index.EndsWith(']') || (index is not "*]" && !int.TryParse(index[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out _)))
                {
                    throw Malformed(text);
                }

                path._steps.Add(index[..^1]);
            }
        }

        return path._steps.Count > 0 ? path : throw Malformed(text);
    }

    /// <summary>Every value the path leads to; none when it leads nowhere.</summary>
    public IEnumerable<JsonElement> Find(JsonElement root) => Find(root, 0);

    private IEnumerable<JsonElement> Find(JsonElement element, int step)
    {
        if (step == _steps.Count)
        {
            return [element];
        }

        var name = _steps[step];
        if (element.ValueKind == JsonValueKind.Object)
        {
            return element.TryGetProperty(name, out var member) ? Find(member, step + 1) : [];
        }

        if (element.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        return name == "*" ? element.EnumerateArray().SelectMany(e => Find(e, step + 1))
            : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < element.GetArrayLength() ? Find(element[index], step + 1)
            : [];
    }

    private static CliException Malformed(string text) => new(ExitCode.Usage, $"'{text}' is not a field; write for example detections[0].confidence or tracks[*].class");
}
