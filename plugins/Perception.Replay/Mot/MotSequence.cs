using Omnisight.Messages;

namespace Omnisight.Perception.Replay.Mot;

/// <summary>A MOTChallenge sequence in memory: what one of its files says about each frame, in the file's order.</summary>
internal sealed class MotSequence
{
    /// <summary>The class of MOT17's ground truth that counts.</summary>
    private const int Pedestrian = 1;

    private readonly List<MotRow>?[] _frames;

    private MotSequence(SequenceInfo info, string file, List<MotRow>?[] frames)
    {
        (Info, SourceFile, _frames) = (info, file, frames);
        HasIdentities = frames.Any(f => f is not null && f.Exists(r => r.Id is not null));
    }

    public SequenceInfo Info { get; }

    /// <summary>The file that was read.</summary>
    public string SourceFile { get; }

    /// <summary>Some of its lines say who is who.</summary>
    public bool HasIdentities { get; }

    /// <summary>What there is in a frame, from 1 to the sequence's length.</summary>
    public IReadOnlyList<MotRow> Frame(int number) => _frames[number - 1] ?? (IReadOnlyList<MotRow>)[];

    /// <summary>Reads a sequence.</summary>
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
        var truth = Path.GetFileName(file).StartsWith("gt", StringComparison.Ordinal);
        var frames = new List<MotRow>?[info.Length];
        var number = 0;
        foreach (var text in File.ReadLines(file))
        {
            number++;
            if (string.IsNullOrWhiteSpace(text))
            {
                continue;
            }

            var line = MotLine.Parse(text, out var problem) ?? throw new MotFileException(file, number, problem!);
            if (line.Frame > info.Length)
            {
                throw new MotFileException(file, number, $"frame {line.Frame}, but seqinfo.ini says that the sequence has {info.Length}");
            }

            if (Counts(line, truth))
            {
                (frames[line.Frame - 1] ??= []).Add(Row(line, truth, info));
            }
        }

        return new MotSequence(info, file, frames);
    }

    /// <summary>In the folder itself, or where the benchmark's own archives keep it.</summary>
    private static string Find(string folder, string fileName)
    {
        foreach (var place in new[] { "", "det", "gt" })
        {
            var file = Path.Combine(folder, place, fileName);
            if (File.Exists(file))
            {
                return file;
            }
        }

        var there = Directory.EnumerateFiles(folder, "*.txt").Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList();
        throw new MotFileException(
            Path.Combine(folder, fileName), $"not found; Perception.Replay:File names a text file of the folder ({(there.Count == 0 ? "it holds none" : string.Join(", ", there))})");
    }

    /// <summary>Ground truth marks what is annotated but not to be found: a flag of 0, and in MOT17 other classes than pedestrians.</summary>
    private static bool Counts(in MotLine line, bool truth) =>
        line.Class is { } objectClass ? objectClass == Pedestrian && line.Score == 1 : !truth || line.Score != 0;

    private static MotRow Row(in MotLine line, bool truth, SequenceInfo info)
    {
        var box = new Box(
            (float)(line.Left / info.Width), (float)(line.Top / info.Height), (float)(line.Width / info.Width), (float)(line.Height / info.Height));
        uint? id = line.Id < 0 ? null : (uint)line.Id;
        var given = !truth && line.Class is null && (id is null || line.Score >= 0);
        return new MotRow(id, box, given ? (float)line.Score : 1);
    }
}
