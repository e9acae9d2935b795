using Omnisight.Kernel.Configuration;

namespace Omnisight.Cli.Health;

/// <summary>What dead processes of an instance left behind. Whatever a live one holds is not touched.</summary>
internal sealed class Leftovers(NodeConfiguration configuration, bool coreRuns)
{
    public const string SharedMemory = "/dev/shm";

    /// <summary>The files that nobody uses any more.</summary>
    public IReadOnlyList<string> Find()
    {
        var prefix = configuration.Instance + "_";
        var regions = Files(SharedMemory, prefix + "*").ToList();
        var dead = regions.Where(r => !Held(LockOf(r))).ToList();
        var found = new List<string>(dead);
        found.AddRange(Files(SharedMemory, $".{prefix}*.tmp"));
        if (dead.Count == regions.Count && !coreRuns)
        {
            found.AddRange(Files(SharedMemory, $"sem.{prefix}*"));
            found.AddRange(Files(configuration.RuntimeDirectory, $"{prefix}cmd*"));
        }

        return found;
    }

    /// <summary>Removes them; a region only while its lock is ours, so that no writer can be starting on it.</summary>
    public int Remove(IEnumerable<string> files)
    {
        var removed = 0;
        foreach (var file in files)
        {
            if (!file.StartsWith($"{SharedMemory}/{configuration.Instance}_", StringComparison.Ordinal))
            {
                File.Delete(file);
                removed++;
            }
            else if (TryLock(LockOf(file)) is { } held)
            {
                using (held)
                {
                    File.Delete(file);
                    removed++;
                }
            }
        }

        return removed;
    }

    private static string LockOf(string region) => $"{SharedMemory}/.{Path.GetFileName(region)}.lock";

    private static bool Held(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using var mine = TryLock(path);
        return mine is null;
    }

    /// <summary>FileShare.None takes flock(LOCK_EX) on Linux, which is what a writer holds. Null when somebody else has it.</summary>
    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Files(string directory, string pattern) => Directory.Exists(directory)
        ? Directory.EnumerateFiles(directory, pattern, new EnumerationOptions { AttributesToSkip = 0, MatchType = MatchType.Simple }).Order(StringComparer.Ordinal)
        : [];
}
