using System.Globalization;

namespace Omnisight.Perception.Replay.Mot;

/// <summary>
/// A line of a MOTChallenge file as it is written: frame,id,left,top,width,height,score or flag, and then, by format, X,Y,Z (MOT15) or class,visibility
/// (ground truth of MOT17). Whether a field after the score means anything is the file's matter.
/// </summary>
internal readonly record struct MotLine(int Frame, long Id, double Left, double Top, double Width, double Height, double Score, int Fields, double Eighth)
{
    private const int LeastFields = 6, MostFields = 10;

    private static readonly string[] FieldNames = ["frame", "id", "left", "top", "width", "height", "score", "class", "visibility", "z"];

    /// <summary>Reads a line; null with the problem when it is not one. Whether its box can be is not judged.</summary>
    public static MotLine? Parse(ReadOnlySpan<char> text, out string? problem)
    {
        Span<double> values = stackalloc double[MostFields];
        var count = 0;
        foreach (var range in text.Split(','))
        {
            var field = text[range].Trim();
            if (count == MostFields)
            {
                problem = $"more than {MostFields} fields";
                return null;
            }

            if (!double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out values[count]) || !double.IsFinite(values[count]))
            {
                problem = $"field {count + 1} ({FieldNames[count]}): '{field}' is not a number";
                return null;
            }

            count++;
        }

        problem = count < LeastFields ? $"{count} fields; at least {LeastFields} are needed: frame,id,left,top,width,height"
            : values[0] < 1 || values[0] > int.MaxValue || values[0] != Math.Floor(values[0]) ? $"frame {values[0]} is not a whole number from 1"
            : values[1] < -1 || values[1] > uint.MaxValue || values[1] != Math.Floor(values[1]) ? $"id {values[1]} is not a whole number from 0, or -1 for none"
            : null;
        return problem is not null
            ? null
            : new MotLine((int)values[0], (long)values[1], values[2], values[3], values[4], values[5], count > 6 ? values[6] : 1, count, count > 7 ? values[7] : -1);
    }
}
