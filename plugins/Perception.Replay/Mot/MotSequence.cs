using Omnisight.Messages;

namespace Omnisight.Perception.Replay.Mot;

/// <summary>A MOTChallenge sequence in memory: what one of its files says about each frame, in the file's order.</summary>
internal sealed class MotSequence
{
    /// <summary>The class of MOT17's ground truth that counts.</summary>
    private const int Pedestrian = 1;

    /// <summary>Ground truth of MOT17 and later has nine fields, the eighth of which is the class.</summary>
    private const int FieldsWithClass = 9;

    /// <summary>Where the benchmark's archives keep their files: the folder itself, or one of these.</summary>
    private static readonly string[] Places = ["", "det", "gt"];

    private readonly List<MotRow>?[] _frames;
    private readonly LeftOut _leftOut;

    private MotSequence(SequenceInfo info, string file, List<MotRow>?[] frames, LeftOut leftOut)
    {
        (Info, SourceFile, _frames, _leftOut) = (info, file, frames, leftOut);
        HasIdentities = frames.Any(f => f is not null && f.Exists(r => r.Id is not null));
    }

    public SequenceInfo Info { get; }

    /// <summary>The file that was read.</summary>
    public string SourceFile { get; }

    /// <summary>Some of its lines say who is who.</summary>
    public bool HasIdentities { get; }

    /// <summary>What of the file is not shown, a sentence for each reason.</summary>
    public IReadOnlyList<string> Oddities => _leftOut.Sentences;

    /// <summary>The most rows in a frame.</summary>
    public int MostRows => _frames.Max(f => f?.Count ?? 0);

    /// <summary>What there is in a frame, from 1 to the sequence's length.</summary>
    public IReadOnlyList<MotRow> Frame(int number) => _frames[number - 1] ?? (IReadOnlyList<MotRow>)[];

    /// <summary>How many frames have more rows than this.</summary>
    public int FramesAbove(int rows) => _frames.Count(f => f?.Count > rows);

    /// <summary>Reads a sequence. A row that can't be shown (a box of negative size, a frame past the end) is left out and counted.</summary>
    /// <exception cref="MotFileException">A file is missing or malformed; the message names it and the line.</exception>
    public static MotSequence Load(string folder, string fileName)
    {
        folder = Path.GetFullPath(folder);
        if (!Directory.Exists(folder))
        {
            throw new MotFileException(folder, "no such folder; Perception.Replay:Path names a MOTChallenge folder (seqinfo.ini and det.txt)");
        }

        var info = SequenceInfo.Read(Path.Combine(folder, "seqinfo.ini"));
        var file = Find(folder, fileName);
        var truth = IsGroundTruth(file);
        var frames = new List<MotRow>?[info.Length];
        var leftOut = new LeftOut(file);
        var seen = new HashSet<(int Frame, long Id)>();
        var number = 0;
        foreach (var text in File.ReadLines(file))
        {
            number++;
            if (string.IsNullOrWhiteSpace(text))
            {
                continue;
            }

            var line = MotLine.Parse(text, out var problem) ?? throw new MotFileException(file, number, problem!);
            if (!Counts(line, truth) || !CanBeShown(line, info, number, leftOut))
            {
                continue;
            }

            (frames[line.Frame - 1] ??= []).Add(Row(line, truth, info));
            if (line.Id >= 0 && !seen.Add((line.Frame, line.Id)))
            {
                leftOut.Add("say where an identity is that is elsewhere in the same frame: a detection, but no second track", number, $"id {line.Id} in frame {line.Frame}");
            }
        }

        return new MotSequence(info, file, frames, leftOut);
    }

    private static string Find(string folder, string fileName)
    {
        foreach (var place in Places)
        {
            var file = Path.Combine(folder, place, fileName);
            if (File.Exists(file))
            {
                return file;
            }
        }

        var there = Places.Select(p => Path.Combine(folder, p)).Where(Directory.Exists)
            .SelectMany(p => Directory.EnumerateFiles(p, "*.txt").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)).Distinct().ToList();
        throw new MotFileException(
            Path.Combine(folder, fileName),
            there.Count == 0
                ? "not found, and the folder has no other text file; Perception.Replay:Path names a MOTChallenge folder (seqinfo.ini and det.txt)"
                : $"not found; the folder has {string.Join(", ", there)}: choose one with --set Perception.Replay:File={there[0]}");
    }

    private static bool IsGroundTruth(string file) =>
        Path.GetFileName(file).StartsWith("gt", StringComparison.Ordinal) || Path.GetFileName(Path.GetDirectoryName(file)) == "gt";

    /// <summary>Ground truth marks what is annotated but not to be found: a flag of 0, and in MOT17 other classes than pedestrians.</summary>
    private static bool Counts(in MotLine line, bool truth) =>
        !truth || (line.Score != 0 && (line.Fields != FieldsWithClass || line.Eighth == Pedestrian));

    private static bool CanBeShown(in MotLine line, SequenceInfo info, int number, LeftOut leftOut)
    {
        if (line.Frame > info.Length)
        {
            leftOut.Add($"are past the {info.Length} frames of seqinfo.ini and are left out", number, $"frame {line.Frame}");
            return false;
        }

        if (line.Width < 0 || line.Height < 0)
        {
            leftOut.Add("have a box of negative size and are left out", number, FormattableString.Invariant($"{line.Width} x {line.Height} pixels"));
            return false;
        }

        if (!IsInReach(line.Left / info.Width) || !IsInReach(line.Top / info.Height) || !IsInReach(line.Width / info.Width) || !IsInReach(line.Height / info.Height))
        {
            leftOut.Add(
                $"have a box further from the image of {info.Width} x {info.Height} than the image is large, which no reader accepts, and are left out", number,
                FormattableString.Invariant($"{line.Left},{line.Top},{line.Width},{line.Height}"));
            return false;
        }

        return true;
    }

    private static bool IsInReach(double place) => (float)place is >= MotRow.LeastPlace and <= MotRow.MostPlace;

    private static MotRow Row(in MotLine line, bool truth, SequenceInfo info)
    {
        var box = new Box(
            (float)(line.Left / info.Width), (float)(line.Top / info.Height), (float)(line.Width / info.Width), (float)(line.Height / info.Height));
        uint? id = line.Id < 0 ? null : (uint)line.Id;
        var given = !truth && (id is null || line.Score >= 0);
        return new MotRow(id, box, given ? (float)line.Score : 1);
    }
}
