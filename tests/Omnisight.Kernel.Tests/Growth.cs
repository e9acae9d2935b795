using System.Runtime.Loader;

namespace Omnisight.Kernel.Tests;

/// <summary>What must not pile up: threads, open files by what they are, load contexts.</summary>
internal sealed class Growth
{
    /// <summary>The thread pool's own coming and going.</summary>
    private const int PoolThreads = 6;

    private readonly int _threads = Directory.GetFileSystemEntries("/proc/self/task").Length;
    private readonly int _contexts = AssemblyLoadContext.All.Count();
    private readonly List<string> _files = [.. Directory.GetFileSystemEntries("/proc/self/fd").Select(Target).OfType<string>().Where(f => !IsOfTheHost(f))];

    public static Growth Now() => new();

    public bool NotAbove(Growth before) => _threads <= before._threads + PoolThreads && _files.Count <= before._files.Count && _contexts <= before._contexts;

    /// <summary>What is open now and was not before.</summary>
    public string Since(Growth before) => $"threads {before._threads} -> {_threads}, contexts {before._contexts} -> {_contexts}, files {before._files.Count} -> {_files.Count}: "
        + string.Join(", ", _files.GroupBy(f => f).Where(g => g.Count() > before._files.Count(b => b == g.Key)).Select(g => $"{g.Key} +{g.Count() - before._files.Count(b => b == g.Key)}"));

    /// <summary>An assembly of the framework or the test itself, loaded when something first needs it.</summary>
    private static bool IsOfTheHost(string file) =>
        file.EndsWith(".dll", StringComparison.Ordinal) && (file.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal) || file.Contains("/shared/Microsoft.", StringComparison.Ordinal));

    /// <summary>The entry that lists the folder is gone by the time it is asked.</summary>
    private static string? Target(string entry)
    {
        try
        {
            return new FileInfo(entry).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
