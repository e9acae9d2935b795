namespace Omnisight.TestKit;

/// <summary>What the kernel says of threads, of this process or of another.</summary>
public static class Threads
{
    /// <summary>Is this thread of this process asleep in the kernel? False when it has ended.</summary>
    public static bool Sleeps(int thread) => SleepsAt($"/proc/self/task/{thread}");

    /// <summary>Are all threads of a process asleep?</summary>
    public static bool AllSleep(int process) => Directory.GetDirectories($"/proc/{process}/task").All(SleepsAt);

    private static bool SleepsAt(string task)
    {
        try
        {
            var stat = File.ReadAllText(task + "/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].StartsWith('S');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
