using System.Globalization;

namespace Omnisight.Perception.Replay.Mot;

/// <summary>What seqinfo.ini says about a sequence.</summary>
internal sealed record SequenceInfo(string Name, double FrameRate, int Length, int Width, int Height)
{
    /// <summary>A frame carries each side of its image in 16 bits.</summary>
    private const int LargestSide = ushort.MaxValue;

    private const int LongestSequence = 10_000_000;

    /// <summary>Reads a seqinfo.ini.</summary>
    /// <exception cref="MotFileException">It is missing, or a value is missing or impossible.</exception>
    public static SequenceInfo Read(string file)
    {
        if (!File.Exists(file))
        {
            throw new MotFileException(file, "not found; a MOTChallenge folder holds a seqinfo.ini with frameRate, seqLength, imWidth and imHeight");
        }

        var values = new Dictionary<string, (string Text, int Line)>(StringComparer.OrdinalIgnoreCase);
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            var text = line.Trim();
            if (text.Length == 0 || text[0] is '[' or ';' or '#')
            {
                continue;
            }

            var equals = text.IndexOf('=');
            if (equals <= 0)
            {
                throw new MotFileException(file, number, $"'{text}' is not of the form key=value");
            }

            values[text[..equals].Trim()] = (text[(equals + 1)..].Trim(), number);
        }

        var name = values.TryGetValue("name", out var named) ? named.Text : Path.GetFileName(Path.GetDirectoryName(file)) ?? "";
        return new SequenceInfo(name, Number("frameRate", 0.01, 1000), Whole("seqLength", LongestSequence), Whole("imWidth", LargestSide), Whole("imHeight", LargestSide));

        int Whole(string key, int maximum)
        {
            var value = Number(key, 1, maximum);
            return value == Math.Floor(value) ? (int)value : throw new MotFileException(file, values[key].Line, $"{key} '{values[key].Text}' is not a whole number");
        }

        double Number(string key, double minimum, double maximum)
        {
            if (!values.TryGetValue(key, out var entry))
            {
                throw new MotFileException(file, $"'{key}' is missing");
            }

            return double.TryParse(entry.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= minimum && value <= maximum
                ? value
                : throw new MotFileException(file, entry.Line, $"{key} '{entry.Text}' is not a number from {minimum} to {maximum}");
        }
    }
}
