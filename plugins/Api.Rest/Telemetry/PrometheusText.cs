using System.Globalization;
using System.Text;

namespace Omnisight.Api.Rest.Telemetry;

/// <summary>Writes metric families in the Prometheus text format, version 0.0.4.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(IEnumerable<MetricFamily> families)
    {
        var text = new StringBuilder(16 * 1024);
        foreach (var family in families)
        {
            _ = text.Append("# HELP ").Append(family.Name).Append(' ').Append(OnOneLine(family.Help)).Append('\n')
                .Append("# TYPE ").Append(family.Name).Append(' ').Append(family.Kind).Append('\n');
            foreach (var sample in family.Read())
            {
                _ = text.Append(family.Name).Append(sample.Suffix);
                Labels(text, sample.Labels);
                _ = text.Append(' ').Append(Number(sample.Value)).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>A number as the format spells it.</summary>
    public static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : double.IsNaN(value) ? "NaN" : value.ToString("R", CultureInfo.InvariantCulture);

    private static void Labels(StringBuilder text, (string Name, string Value)[] labels)
    {
        if (labels.Length == 0)
        {
            return;
        }

        var separator = '{';
        foreach (var (name, value) in labels)
        {
            _ = text.Append(separator).Append(name).Append("=\"").Append(Escaped(value)).Append('"');
            separator = ',';
        }

        _ = text.Append('}');
    }

    /// <summary>What others call a thing, as a name of the format: letters, digits and underscores, no digit first.</summary>
    public static string NameOf(string name)
    {
        var clean = string.Create(name.Length, name, static (made, from) =>
        {
            for (var i = 0; i < from.Length; i++)
            {
                made[i] = char.IsAsciiLetterOrDigit(from[i]) ? from[i] : '_';
            }
        });
        return clean.Length == 0 || char.IsAsciiDigit(clean[0]) ? "_" + clean : clean;
    }

    private static string Escaped(string value) => OnOneLine(value).Replace("\"", "\\\"", StringComparison.Ordinal);

    private static string OnOneLine(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
