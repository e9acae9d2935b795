using System.Diagnostics;

namespace Omnisight.TestKit;

/// <summary>Waits for a condition under a watchdog. The watchdog is there to end a broken test, not to measure.</summary>
public static class Eventually
{
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(30);

    public static Task Become(Func<bool> condition, string reason, TimeSpan? watchdog = null) =>
        Become(() => Task.FromResult(condition()), reason, watchdog);

    public static async Task Become(Func<Task<bool>> condition, string reason, TimeSpan? watchdog = null)
    {
        var start = Stopwatch.StartNew();
        while (!await condition())
        {
            if (start.Elapsed > (watchdog ?? Watchdog))
            {
                throw new TimeoutException($"never happened within {watchdog ?? Watchdog}: {reason}");
            }

            await Task.Delay(5);
        }
    }
}
