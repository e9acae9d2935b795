using Omnisight.Cli.Evaluation;
using Omnisight.TestKit;
using Shouldly;
using Xunit;

namespace Omnisight.Cli.Tests;

public sealed class EvaluationTests
{
    [Fact]
    public void The_assignment_is_the_cheapest_of_all()
    {
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            var (rows, columns) = (random.Next(1, 6), random.Next(1, 6));
            var cost = new double[rows, columns];
            for (var i = 0; i < cost.Length; i++)
            {
                cost[i / columns, i % columns] = random.Next(-50, 50);
            }

            var assigned = Assignment.Solve(cost);

            assigned.Count(c => c >= 0).ShouldBe(Math.Min(rows, columns));
            assigned.Where(c => c >= 0).ShouldBeUnique();
            assigned.Select((c, r) => c < 0 ? 0 : cost[r, c]).Sum().ShouldBe(Cheapest(cost, 0, new bool[columns], Math.Max(0, rows - columns)));
        }
    }

    [Fact]
    public void Perfect_tracks_score_100()
    {
        var truth = Walk(id: 1, frames: 10, x: 0).Concat(Walk(id: 2, frames: 10, x: 500)).ToList();

        var counts = MotEvaluation.Of(truth, truth);

        (counts.Mota, counts.Idf1, counts.Motp, counts.IdSwitches, counts.MostlyTracked).ShouldBe((100, 100, 100, 0, 2));
    }

    [Fact]
    public void Misses_false_alarms_switches_and_gaps_are_counted_by_the_book()
    {
        var truth = Walk(id: 1, frames: 10, x: 0).ToList();
        var tracks = Walk(id: 7, frames: 10, x: 0).Where(r => r.Frame is not (4 or 5)).Select(r => r.Frame > 5 ? r with { Id = 8 } : r)
            .Append(new MotRow(3, 9, 900, 900, 10, 10, 1, 0, 10)).ToList();

        var counts = MotEvaluation.Of(truth, tracks);

        (counts.Misses, counts.FalsePositives, counts.IdSwitches, counts.Fragmentations).ShouldBe((2, 1, 1, 1));
        counts.Mota.ShouldBe(100 * (1 - (4 / 10.0)), 1e-9);
        counts.IdMatches.ShouldBe(5);
        counts.Idf1.ShouldBe(200.0 * 5 / 19, 1e-9);
    }

    [Fact]
    public void A_track_on_a_distractor_counts_neither_way()
    {
        var truth = Walk(id: 1, frames: 3, x: 0).Select(r => r with { Class = 1, Columns = 9 }).Concat(Walk(id: 2, frames: 3, x: 500).Select(r => r with { Class = 8, Columns = 9, Flag = 0 })).ToList();
        var tracks = Walk(id: 1, frames: 3, x: 0).Concat(Walk(id: 2, frames: 3, x: 500)).ToList();

        MotEvaluation.Of(truth, tracks).Mota.ShouldBe(100);
    }

    /// <summary>The expected counts are those of an independent evaluator (numpy and scipy) on the same files.</summary>
    [Theory]
    [InlineData("TUD-Campus", "baseline_sort.txt", 15, 113, 6, 9, 188)]
    [InlineData("TUD-Campus", "cem_tracks.txt", 13, 150, 7, 7, 162)]
    [InlineData("KITTI-17", "baseline_sort.txt", 38, 225, 9, 16, 419)]
    [InlineData("Venice-2", "baseline_sort.txt", 1650, 4109, 57, 106, 1917)]
    [InlineData("ETH-Sunnyday", "baseline_sort.txt", 319, 418, 22, 51, 1310)]
    public void Real_sequences_give_the_counts_of_an_independent_evaluator(string sequence, string tracks, int falsePositives, int misses, int switches, int fragmentations, int idMatches)
    {
        if (TestPaths.Data is not { } data)
        {
            Assert.Skip("the evaluation data is not on this machine; set OMNISIGHT_TEST_DATA to its folder");
            return;
        }

        var folder = Path.Combine(data, "mot", sequence);
        var counts = MotEvaluation.Of(MotRow.ReadFile(Path.Combine(folder, "gt.txt")), MotRow.ReadFile(Path.Combine(folder, tracks)));

        (counts.FalsePositives, counts.Misses, counts.IdSwitches, counts.Fragmentations, counts.IdMatches)
            .ShouldBe((falsePositives, misses, switches, fragmentations, idMatches));
    }

    private static IEnumerable<MotRow> Walk(int id, int frames, double x) =>
        Enumerable.Range(1, frames).Select(f => new MotRow(f, id, x + (5 * f), 10, 40, 100, 1, 1, 10));

    /// <summary>By trying everything.</summary>
    private static double Cheapest(double[,] cost, int row, bool[] used, int mayLeaveOut)
    {
        if (row == cost.GetLength(0))
        {
            return 0;
        }

        var best = mayLeaveOut > 0 ? Cheapest(cost, row + 1, used, mayLeaveOut - 1) : double.PositiveInfinity;
        for (var column = 0; column < used.Length; column++)
        {
            if (!used[column])
            {
                used[column] = true;
                best = Math.Min(best, cost[row, column] + Cheapest(cost, row + 1, used, mayLeaveOut));
                used[column] = false;
            }
        }

        return best;
    }
}
