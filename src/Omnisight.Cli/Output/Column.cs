using System.Globalization;

namespace Omnisight.Cli.Output;

/// <summary>One column of a result: its JSON name, its heading, and how people read its values.</summary>
internal sealed record Column(string Name, Func<object, string>? Format = null, string? Heading = null)
{
    /// <summary>Long text: it takes the room that the other columns leave, on several lines.</summary>
    public bool Wraps { get; init; }

    public string Title => Heading ?? Name.Replace('_', ' ');

    public string Show(object? value) => value switch
    {
        null or "" => "-",
        _ when Format is not null => Format(value),
        bool truth => truth ? "yes" : "no",
        IReadOnlyList<string> items => items.Count == 0 ? "-" : string.Join(", ", items),
        double number => number.ToString("0.###", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>Milliseconds as people read them: 4 ms, 3.2 s, 5 min.</summary>
    public static string Age(object milliseconds)
    {
        var ms = Convert.ToDouble(milliseconds, CultureInfo.InvariantCulture);
        return ms switch
        {
            < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{ms:0} ms"),
            < 120_000 => string.Create(CultureInfo.InvariantCulture, $"{ms / 1_000:0.#} s"),
            < 7_200_000 => string.Create(CultureInfo.InvariantCulture, $"{ms / 60_000:0} min"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{ms / 3_600_000:0} h"),
        };
    }

    /// <summary>Bytes as people read them: 8,032 B, 12.1 kB, 3.4 MB.</summary>
    public static string Bytes(object bytes)
    {
        var b = Convert.ToDouble(bytes, CultureInfo.InvariantCulture);
        return b switch
        {
            < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{b:#,0} B"),
            < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{b / 1_000:0.#} kB"),
            < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{b / 1_000_000:0.##} MB"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{b / 1_000_000_000:0.##} GB"),
        };
    }
}
