using System.Globalization;

namespace Omnisight.Kernel.Configuration;

/// <summary>Durations as people write them: <c>00:00:05</c>, <c>5s</c>, <c>100ms</c>, <c>1.5m</c>, <c>1h</c>, <c>2d</c>.</summary>
public static class Durations
{
    /// <summary>Parses a duration; false when the text is none.</summary>
    public static bool TryParse(string text, out TimeSpan span)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParseExact(text, ["c", @"h\:mm", @"h\:mm\:ss"], CultureInfo.InvariantCulture, out span);
        }

        span = default;
        var digits = text.AsSpan().TrimEnd("abcdefghijklmnopqrstuvwxyz");
        TimeSpan? unit = text[digits.Length..] switch
        {
            "ms" => TimeSpan.FromMilliseconds(1),
            "s" => TimeSpan.FromSeconds(1),
            "m" => TimeSpan.FromMinutes(1),
            "h" => TimeSpan.FromHours(1),
            "d" => TimeSpan.FromDays(1),
            "" when digits is "0" => TimeSpan.Zero,
            _ => null,
        };
        if (unit is null || !double.TryParse(digits, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            || Math.Abs(number) > TimeSpan.MaxValue / 2 / unit.Value)
        {
            return false;
        }

        span = unit.Value * number;
        return true;
    }

    /// <summary>As <c>hh:mm:ss</c>, with as many decimals as it needs.</summary>
    public static string Format(TimeSpan span)
    {
        var text = span.ToString("c", CultureInfo.InvariantCulture);
        return span.Ticks % TimeSpan.TicksPerSecond == 0 ? text : text.TrimEnd('0');
    }
}
