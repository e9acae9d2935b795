using System.CommandLine;
using Omnisight.Cli.Evaluation;
using Omnisight.Cli.Output;

namespace Omnisight.Cli.Verbs;

/// <summary><c>omnisight evaluate --gt FILE... --tracks FILE...</c></summary>
internal static class EvaluateVerb
{
    private static readonly Column[] Columns =
    [
        new("sequence"), new("mota", Percent), new("idf1", Percent), new("motp", Percent), new("recall", Percent), new("precision", Percent),
        new("fp"), new("fn"), new("id_switches"), new("fragmentations"), new("objects"), new("mostly_tracked"), new("mostly_lost"),
    ];

    public static CliVerb Make(VerbHost host)
    {
        var truth = new Option<string[]>("--gt") { Description = "Ground truth (MOTChallenge text); several add up.", HelpName = "FILE", Required = true, AllowMultipleArgumentsPerToken = true };
        var tracks = new Option<string[]>("--tracks") { Description = "The tracker's output for each, in the same order.", HelpName = "FILE", Required = true, AllowMultipleArgumentsPerToken = true };
        var plot = new Option<string?>("--plot") { Description = "Also draw MOTA and IDF1 of each sequence.", HelpName = "FILE.png" };
        return host.Verb("evaluate", "Measure tracks against ground truth: MOTA, IDF1 and what they are made of.", [truth, tracks, plot], session =>
        {
            var (wanted, given) = (session.Arguments.GetRequiredValue(truth), session.Arguments.GetRequiredValue(tracks));
            if (wanted.Length != given.Length)
            {
                throw new CliException(ExitCode.Usage, $"{wanted.Length} --gt files and {given.Length} --tracks files; give as many of one as of the other");
            }

            var counts = wanted.Zip(given, (g, t) => (Name: t, Counts: MotEvaluation.Of(MotRow.ReadFile(g), MotRow.ReadFile(t)))).ToList();
            if (counts.Count > 1)
            {
                counts.Add(("all", counts.Select(c => c.Counts).Aggregate((a, b) => a + b)));
            }

            if (session.Arguments.GetValue(plot) is { } path)
            {
                EvaluationPlot.Save(counts, path);
            }

            session.Print.Table(Columns, [.. counts.Select(c => Row(c.Name, c.Counts))]);
            return ExitCode.Ok;
        });
    }

    private static object?[] Row(string name, MotCounts c) =>
    [
        name, c.Mota, c.Idf1, c.Motp, c.Recall, c.Precision, c.FalsePositives, c.Misses, c.IdSwitches, c.Fragmentations, c.Tracks, c.MostlyTracked, c.MostlyLost,
    ];

    private static string Percent(object value) => ((double)value).ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);
}
