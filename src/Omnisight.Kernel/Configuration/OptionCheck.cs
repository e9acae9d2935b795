using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Omnisight.Kernel.Configuration;

/// <summary>Turns what was written into a value of a setting's type, or says what is wrong with it.</summary>
internal static class OptionCheck
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromMilliseconds(200);

    /// <summary>From JSON.</summary>
    public static ConfigValue? Read(OptionSchema option, JsonNodeTree node, out string? code, out string? problem)
    {
        var value = option.Type == OptionType.Array
            ? node.Kind == JsonValueKind.Array ? List([.. node.Items.Select(i => Scalar(option.Items, i))]) : null
            : Word(option, node) ?? Scalar(option.Type, node);
        return Judge(option, value, node.Describe(), out code, out problem);
    }

    /// <summary>From plain text: an environment variable or the command line. A list is JSON, or separated by commas.</summary>
    public static ConfigValue? Read(OptionSchema option, string text, out string? code, out string? problem)
    {
        ConfigValue? value;
        if (option.Type != OptionType.Array)
        {
            value = Scalar(option.Type, text);
        }
        else if (text.TrimStart().StartsWith('['))
        {
            try
            {
                return Read(option, JsonNodeTree.Parse(Encoding.UTF8.GetBytes(text)), out code, out problem);
            }
            catch (JsonTreeException)
            {
                value = null;
            }
        }
        else
        {
            value = List([.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(t => Scalar(option.Items, t))]);
        }

        return Judge(option, value, $"'{text}'", out code, out problem);
    }

    /// <summary>A pattern as values are held against it: as a whole, and not for ever.</summary>
    /// <exception cref="ArgumentException">It is no regular expression.</exception>
    public static Regex Compile(string pattern) => new($"^(?:{pattern})\\z", RegexOptions.CultureInvariant, PatternTimeout);

    /// <summary>The type and what it allows, in words: <c>a whole number from 2 to 64</c>.</summary>
    public static string Allowed(OptionSchema option)
    {
        if (option.Enum.Count > 0)
        {
            return (option.Type == OptionType.Array ? "a list of " : "") + string.Join(" | ", option.Enum);
        }

        var noun = option.Type == OptionType.Array ? "a list of " + Noun(option.Items).TrimStart('a', ' ') + "s" : Noun(option.Type);
        noun += (option.Minimum, option.Maximum) switch
        {
            (null, null) => "",
            (not null, null) => $", at least {option.Minimum}",
            (null, not null) => $", at most {option.Maximum}",
            _ => $" from {option.Minimum} to {option.Maximum}",
        };
        return option.Pattern is null ? noun : $"{noun} that matches {option.Pattern}";
    }

    private static string Noun(OptionType type) => type switch
    {
        OptionType.Integer => "a whole number",
        OptionType.Number => "a number",
        OptionType.Boolean => "true or false",
        OptionType.Duration => "a duration (00:00:05, 5s, 100ms)",
        _ => "a text",
    };

    private static ConfigValue? Judge(OptionSchema option, ConfigValue? value, string shown, out string? code, out string? problem)
    {
        (code, problem) = (null, null);
        if (option.Secret)
        {
            shown = "this value";
        }

        if (value is null)
        {
            (code, problem) = ("bad_value", $"{shown} is not {Allowed(option)}");
            return null;
        }

        foreach (var item in value.Items)
        {
            if ((option.Minimum?.Magnitude is { } low && item.Magnitude < low) || (option.Maximum?.Magnitude is { } high && item.Magnitude > high))
            {
                (code, problem) = ("out_of_range", $"{shown} is out of range: {Allowed(option)}");
                return null;
            }

            if (option.Enum.Count > 0 && !option.Enum.Contains(item.ToString(), StringComparer.Ordinal))
            {
                (code, problem) = ("bad_value", $"{shown} is not one of {string.Join(" | ", option.Enum)}{(option.Secret ? "" : Suggestion.For(item.ToString(), option.Enum) is var s && s.StartsWith("; did", StringComparison.Ordinal) ? s : "")}");
                return null;
            }

            if (option.Pattern is { } pattern && Mismatch(pattern, item.ToString()) is { } mismatch)
            {
                (code, problem) = ("bad_value", $"{shown} {mismatch}");
                return null;
            }
        }

        return value;
    }

    private static string? Mismatch(string pattern, string text)
    {
        try
        {
            return Compile(pattern).IsMatch(text) ? null : $"does not match {pattern}";
        }
        catch (RegexMatchTimeoutException)
        {
            return $"can't be checked: matching {pattern} takes longer than {PatternTimeout.TotalMilliseconds:0} ms";
        }
    }

    private static ConfigValue? List(IReadOnlyList<ConfigValue?> items) => items.Any(i => i is null) ? null : ConfigValue.Of([.. items.Select(i => i!)]);

    /// <summary>A choice of words such as <c>auto | true | false</c>, written without quotes.</summary>
    private static ConfigValue? Word(OptionSchema option, JsonNodeTree node) => (option.Type, option.Enum.Count, node.Kind) switch
    {
        (OptionType.String, > 0, JsonValueKind.True) => ConfigValue.Of("true"),
        (OptionType.String, > 0, JsonValueKind.False) => ConfigValue.Of("false"),
        _ => null,
    };

    private static ConfigValue? Scalar(OptionType type, JsonNodeTree node) => (type, node.Kind) switch
    {
        (OptionType.Boolean, JsonValueKind.True) => ConfigValue.Of(true),
        (OptionType.Boolean, JsonValueKind.False) => ConfigValue.Of(false),
        (OptionType.Integer or OptionType.Number, JsonValueKind.Number) => Scalar(type, node.Text),
        (OptionType.String or OptionType.Duration, JsonValueKind.String) => Scalar(type, node.Text),
        _ => null,
    };

    private static ConfigValue? Scalar(OptionType type, string text) => type switch
    {
        OptionType.String => ConfigValue.Of(text),
        OptionType.Boolean when bool.TryParse(text, out var truth) => ConfigValue.Of(truth),
        OptionType.Integer when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => ConfigValue.Of(whole),
        OptionType.Number when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => ConfigValue.Of(number),
        OptionType.Duration when Durations.TryParse(text, out var span) => ConfigValue.Of(span),
        _ => null,
    };
}
