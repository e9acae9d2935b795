using System.Diagnostics;
using System.Runtime;

namespace Omnisight.Cli.Bench;

/// <summary>
/// When is this process's code compiled for good? The runtime compiles what ran often anew, in the background and on the cores of the benchmark: figures
/// taken meanwhile are of that, and of code that will soon be other code.
/// </summary>
internal sealed class CompiledCode
{
    /// <summary>Enough for a method that runs once a round to be compiled twice: with counters first, then with what they said.</summary>
    private const int FewestRounds = 100;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1.5), Longest = TimeSpan.FromSeconds(60);

    private readonly long _began = Stopwatch.GetTimestamp();
    private long _methods;
    private long _changed;

    /// <summary>Asked once a round of what is measured: was nothing compiled for a while?</summary>
    public bool IsSettledAfter(long rounds)
    {
        if (JitInfo.GetCompiledMethodCount() is var methods && methods != _methods)
        {
            (_methods, _changed) = (methods, Stopwatch.GetTimestamp());
        }

        return Stopwatch.GetElapsedTime(_began) > Longest || (rounds >= FewestRounds && Stopwatch.GetElapsedTime(_changed) > Quiet);
    }
}
