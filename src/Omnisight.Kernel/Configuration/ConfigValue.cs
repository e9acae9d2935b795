using System.Globalization;
using System.Text.Json;

namespace Omnisight.Kernel.Configuration;

/// <summary>One value: text, whole number, number, truth value, duration, or a list of them. Immutable, compared by content.</summary>
public sealed class ConfigValue : IEquatable<ConfigValue>
{
    private ConfigValue(object value) => Value = value;

    /// <summary>string, long, double, bool, TimeSpan or IReadOnlyList of them.</summary>
    public object Value { get; }

    /// <summary>A text.</summary>
    public static ConfigValue Of(string value) => new(value);

    /// <summary>A whole number.</summary>
    public static ConfigValue Of(long value) => new(value);

    /// <summary>A number.</summary>
    public static ConfigValue Of(double value) => new(value);

    /// <summary>A truth value.</summary>
    public static ConfigValue Of(bool value) => new(value);

    /// <summary>A duration.</summary>
    public static ConfigValue Of(TimeSpan value) => new(value);

    /// <summary>A list.</summary>
    public static ConfigValue Of(IReadOnlyList<ConfigValue> items) => new(items);

    /// <summary>A list of texts.</summary>
    public static ConfigValue Of(params string[] items) => new((IReadOnlyList<ConfigValue>)[.. items.Select(Of)]);

    /// <summary>The items of a list; of anything else, itself.</summary>
    public IReadOnlyList<ConfigValue> Items => Value as IReadOnlyList<ConfigValue> ?? [this];

    /// <summary>As a number, for comparisons: durations in ticks; null when it is none.</summary>
    public double? Magnitude => Value switch
    {
        long whole => whole,
        double number => number,
        TimeSpan span => span.Ticks,
        _ => null,
    };

    /// <summary>Writes it as JSON; a duration as <c>hh:mm:ss</c>.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        switch (Value)
        {
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            case long whole:
                writer.WriteNumberValue(whole);
                break;
            case double number:
                writer.WriteNumberValue(number);
                break;
            case IReadOnlyList<ConfigValue> items:
                writer.WriteStartArray();
                foreach (var item in items)
                {
                    item.WriteTo(writer);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteStringValue(ToString());
                break;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Value switch
    {
        bool truth => truth ? "true" : "false",
        TimeSpan span => Durations.Format(span),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        IReadOnlyList<ConfigValue> items => $"[{string.Join(", ", items)}]",
        _ => (string)Value,
    };

    /// <inheritdoc/>
    public bool Equals(ConfigValue? other) => other is not null && (Value is IReadOnlyList<ConfigValue> mine
        ? other.Value is IReadOnlyList<ConfigValue> theirs && mine.SequenceEqual(theirs)
        : Value.Equals(other.Value));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ConfigValue);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);
}
