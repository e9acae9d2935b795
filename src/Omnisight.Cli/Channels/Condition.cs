using System.Globalization;
using System.Text.Json;

namespace Omnisight.Cli.Channels;

/// <summary>A test of a JSON value: <c>detections[*].class == person &amp;&amp; frame_id &gt; 100</c>. With <c>[*]</c> one match is enough.</summary>
internal sealed class Condition
{
    private static readonly string[] Operators = ["==", "!=", ">=", "<=", ">", "<", "~"];
    private readonly List<(FieldPath Path, string Operator, string Value)> _terms = [];

    public static Condition Parse(string text)
    {
        var condition = new Condition();
        foreach (var term in text.Split("&&", StringSplitOptions.TrimEntries))
        {
            var (at, op) = Operators.Select(o => (At: term.IndexOf(o, StringComparison.Ordinal), Op: o)).Where(o => o.At > 0).OrderBy(o => o.At).ThenByDescending(o => o.Op.Length).FirstOrDefault();
            if (op is null)
            {
                throw new CliException(ExitCode.Usage, $"'{term}' is not a condition: FIELD OPERATOR VALUE with == != > >= < <= ~ (contains), joined by &&; for example --where 'detections[*].class == person'");
            }

            condition._terms.Add((FieldPath.Parse(term[..at].Trim()), op, term[(at + op.Length)..].Trim().Trim('\'', '"')));
        }

        return condition;
    }

    public bool Holds(JsonElement root) => _terms.TrueForAll(t => t.Path.Find(root).Any(e => Holds(e, t.Operator, t.Value)));

    private static bool Holds(JsonElement element, string op, string value)
    {
        if (element.ValueKind == JsonValueKind.Number && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            var found = element.GetDouble();
            return op switch { "==" => found == number, "!=" => found != number, ">" => found > number, ">=" => found >= number, "<" => found < number, "<=" => found <= number, _ => false };
        }

        var text = element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText();
        var order = string.CompareOrdinal(text, value);
        return op switch
        {
            "==" => order == 0,
            "!=" => order != 0,
            "~" => text.Contains(value, StringComparison.Ordinal),
            ">" => order > 0,
            ">=" => order >= 0,
            "<" => order < 0,
            _ => order <= 0,
        };
    }
}
