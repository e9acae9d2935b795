namespace Omnisight.Cli.Evaluation;

/// <summary>
/// CLEAR-MOT (Bernardin and Stiefelhagen 2008) and IDF1 (Ristani et al. 2016) of tracks against ground truth, at an overlap of 0.5, with the conventions of the
/// MOTChallenge devkit: a pair of the previous frame is kept while it overlaps enough; the rest is matched for most pairs, then most overlap; an id switch is
/// a match to another track than the object's last one, however long ago.
/// </summary>
internal sealed class MotEvaluation
{
    private const double Threshold = 0.5;

    /// <summary>Columns of ground truth with a class and a visibility (MOT16 and later); the 2015 files have ten.</summary>
    private const int ColumnsWithClass = 9;

    private const int Pedestrian = 1;

    /// <summary>Person on a vehicle, static person, distractor, reflection: a track on one of them counts neither way.</summary>
    private static readonly int[] IgnoredClasses = [2, 7, 8, 12];

    private readonly Dictionary<int, int> _lastTrack = [];
    private readonly Dictionary<int, List<bool>> _covered = [];
    private readonly Dictionary<(int Object, int Track), int> _together = [];
    private readonly Dictionary<int, int> _trackLength = [];
    private Dictionary<int, int> _previous = [];
    private int _matches, _switches;
    private double _overlap;

    public static MotCounts Of(List<MotRow> truth, List<MotRow> tracks)
    {
        var (objects, predictions) = Prepare(truth, tracks);
        var evaluation = new MotEvaluation();
        foreach (var frame in objects.Keys.Union(predictions.Keys).Order())
        {
            evaluation.Frame(frame, objects.GetValueOrDefault(frame) ?? [], predictions.GetValueOrDefault(frame) ?? []);
        }

        return evaluation.Count();
    }

    private static (Dictionary<int, List<MotRow>> Objects, Dictionary<int, List<MotRow>> Predictions) Prepare(List<MotRow> truth, List<MotRow> tracks)
    {
        var predictions = ByFrame(tracks);
        if (truth.Count == 0 || truth[0].Columns != ColumnsWithClass)
        {
            return (ByFrame(truth.Where(r => r.Flag != 0)), predictions);
        }

        foreach (var (frame, everything) in ByFrame(truth))
        {
            if (predictions.TryGetValue(frame, out var candidates))
            {
                var ignored = Match(everything, candidates, []).Where(p => IgnoredClasses.Contains(everything[p.Object].Class)).Select(p => p.Track).ToHashSet();
                predictions[frame] = [.. candidates.Where((_, i) => !ignored.Contains(i))];
            }
        }

        return (ByFrame(truth.Where(r => r.Class == Pedestrian && r.Flag == 1)), predictions);
    }

    private static Dictionary<int, List<MotRow>> ByFrame(IEnumerable<MotRow> rows) => rows.GroupBy(r => r.Frame).ToDictionary(g => g.Key, g => g.ToList());

    private void Frame(int frame, List<MotRow> objects, List<MotRow> tracks)
    {
        if (tracks.Select(t => t.Id).Distinct().Count() != tracks.Count)
        {
            throw new CliException(ExitCode.CheckFailed, $"frame {frame} has one track id twice; each track may appear once a frame");
        }

        foreach (var track in tracks)
        {
            _trackLength[track.Id] = _trackLength.GetValueOrDefault(track.Id) + 1;
            foreach (var target in objects.Where(o => o.Overlap(track) >= Threshold))
            {
                _together[(target.Id, track.Id)] = _together.GetValueOrDefault((target.Id, track.Id)) + 1;
            }
        }

        var kept = new List<(int Object, int Track)>();
        for (var i = 0; i < objects.Count; i++)
        {
            var track = _previous.TryGetValue(objects[i].Id, out var id) ? tracks.FindIndex(t => t.Id == id) : -1;
            if (track >= 0 && !kept.Exists(k => k.Track == track) && objects[i].Overlap(tracks[track]) >= Threshold)
            {
                kept.Add((i, track));
            }
        }

        var current = new Dictionary<int, int>();
        foreach (var (i, j) in Match(objects, tracks, kept))
        {
            var (target, track) = (objects[i].Id, tracks[j].Id);
            _switches += _lastTrack.TryGetValue(target, out var before) && before != track ? 1 : 0;
            _lastTrack[target] = current[target] = track;
            _overlap += objects[i].Overlap(tracks[j]);
            _matches++;
        }

        foreach (var target in objects)
        {
            if (!_covered.TryGetValue(target.Id, out var states))
            {
                _covered.Add(target.Id, states = []);
            }

            states.Add(current.ContainsKey(target.Id));
        }

        _previous = current;
    }

    /// <summary>The pairs that are kept, and of the rest the one-to-one pairs: as many as possible, then as much overlap as possible.</summary>
    private static List<(int Object, int Track)> Match(List<MotRow> objects, List<MotRow> tracks, List<(int Object, int Track)> kept)
    {
        const double MorePairsFirst = 1000;
        var pairs = new List<(int Object, int Track)>(kept);
        var free = Enumerable.Range(0, objects.Count).Except(kept.Select(k => k.Object)).ToArray();
        var candidates = Enumerable.Range(0, tracks.Count).Except(kept.Select(k => k.Track)).ToArray();
        if (free.Length == 0 || candidates.Length == 0)
        {
            return pairs;
        }

        var cost = new double[free.Length, candidates.Length];
        for (var i = 0; i < free.Length; i++)
        {
            for (var j = 0; j < candidates.Length; j++)
            {
                var overlap = objects[free[i]].Overlap(tracks[candidates[j]]);
                cost[i, j] = overlap >= Threshold ? -MorePairsFirst - overlap : 0;
            }
        }

        var columns = Assignment.Solve(cost);
        for (var i = 0; i < free.Length; i++)
        {
            if (columns[i] >= 0 && cost[i, columns[i]] < 0)
            {
                pairs.Add((free[i], candidates[columns[i]]));
            }
        }

        return pairs;
    }

    private MotCounts Count() => new()
    {
        Objects = _covered.Values.Sum(s => s.Count),
        Predictions = _trackLength.Values.Sum(),
        Matches = _matches,
        IdSwitches = _switches,
        Overlap = _overlap,
        Tracks = _covered.Count,
        MostlyTracked = _covered.Values.Count(s => s.Count(c => c) > 0.8 * s.Count),
        MostlyLost = _covered.Values.Count(s => s.Count(c => c) < 0.2 * s.Count),
        Fragmentations = _covered.Values.Sum(Interruptions),
        IdMatches = IdMatches(),
    };

    /// <summary>Times that a covered object is lost before it is found again.</summary>
    private static int Interruptions(List<bool> states)
    {
        var (first, last) = (states.IndexOf(true), states.LastIndexOf(true));
        return first < 0 ? 0 : Enumerable.Range(first + 1, last - first).Count(i => states[i - 1] && !states[i]);
    }

    private int IdMatches()
    {
        var (objects, tracks) = (_covered.Keys.ToList(), _trackLength.Keys.ToList());
        if (_together.Count == 0)
        {
            return 0;
        }

        var cost = new double[objects.Count, tracks.Count];
        for (var i = 0; i < objects.Count; i++)
        {
            for (var j = 0; j < tracks.Count; j++)
            {
                cost[i, j] = -_together.GetValueOrDefault((objects[i], tracks[j]));
            }
        }

        return (int)-Assignment.Solve(cost).Select((column, row) => column < 0 ? 0 : cost[row, column]).Sum();
    }
}
