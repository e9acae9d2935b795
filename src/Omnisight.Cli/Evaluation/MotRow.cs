using System.Globalization;

namespace Omnisight.Cli.Evaluation;

/// <summary>One line of a MOTChallenge text file: frame, id, x, y, width, height, flag or confidence, class, visibility.</summary>
internal readonly record struct MotRow(int Frame, int Id, double X, double Y, double Width, double Height, double Flag, int Class, int Columns)
{
    /// <summary>Intersection over union of the two boxes.</summary>
    public double Overlap(MotRow other)
    {
        var width = Math.Min(X + Width, other.X + other.Width) - Math.Max(X, other.X);
        var height = Math.Min(Y + Height, other.Y + other.Height) - Math.Max(Y, other.Y);
        var common = Math.Max(0, width) * Math.Max(0, height);
        var union = (Width * Height) + (other.Width * other.Height) - common;
        return union > 0 ? common / union : 0;
    }

    public static List<MotRow> ReadFile(string path)
    {
        if (!File.Exists(path))
        {
            throw new CliException(ExitCode.Usage, $"there is no file {path}");
        }

        var rows = new List<MotRow>();
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                rows.Add(Parse(line, path, number));
            }
        }

        return rows;
    }

    private static MotRow Parse(string line, string path, int number)
    {
        var fields = line.Split(line.Contains(',', StringComparison.Ordinal) ? ',' : ' ', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var values = new double[Math.Max(fields.Length, 8)];
        for (var i = 0; i < fields.Length; i++)
        {
            if (!double.TryParse(fields[i], NumberStyles.Float, CultureInfo.InvariantCulture, out values[i]))
            {
                throw Bad($"'{fields[i]}' is not a number");
            }
        }

        return fields.Length >= 6
            ? new MotRow((int)values[0], (int)values[1], values[2], values[3], values[4], values[5], fields.Length > 6 ? values[6] : 1, (int)values[7], fields.Length)
            : throw Bad($"{fields.Length} columns; it must be frame,id,x,y,w,h,conf,...");

        CliException Bad(string what) => new(ExitCode.Usage, $"{path}:{number}: {what}");
    }
}
