using System.Diagnostics;

namespace Omnisight.Cli.Bench;

/// <summary>The process at the other end of the barest hand-over.</summary>
internal static class HandoverRole
{
    public static void Run(string path, TextWriter output)
    {
        using var page = new HandoverPage(path);
        var report = new ReaderReport();
        var seen = 0u;
        var number = 0ul;
        output.WriteLine("ready");
        output.Flush();
        var idle = Stopwatch.StartNew();
        while (idle.Elapsed < TimeSpan.FromSeconds(60))
        {
            if (!page.TryReceive(ref seen, out var stamp))
            {
                continue;
            }

            var now = Stopwatch.GetTimestamp();
            idle.Restart();
            if (stamp == BenchChannel.End)
            {
                break;
            }

            if (stamp != BenchChannel.Warm)
            {
                report.Add(now - (long)stamp, 1, ++number, 0, true);
            }
        }

        output.WriteLine(report.ToLine());
        output.Flush();
    }
}
