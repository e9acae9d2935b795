namespace Omnisight.Transport.Shm.Tests;

/// <summary>A control group whose processes the kernel kills when they take more memory than it allows: cgroup v2, or v1 where that is what there is.</summary>
internal sealed class MemoryGroup : IDisposable
{
    private readonly string _path;

    private MemoryGroup(string path) => _path = path;

    /// <summary>Where a process writes its id to belong to it.</summary>
    public string Processes => Path.Combine(_path, "cgroup.procs");

    /// <summary>Null where none can be made.</summary>
    public static MemoryGroup? TryMake(string name, long bytes)
    {
        foreach (var (root, limit) in new[] { ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max") })
        {
            var group = new MemoryGroup(Path.Combine(root, name));
            try
            {
                if (Directory.Exists(root) && Directory.CreateDirectory(group._path) is not null && File.Exists(Path.Combine(group._path, limit)))
                {
                    File.WriteAllText(Path.Combine(group._path, limit), $"{bytes}");
                    return group;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The next way, or none.
            }

            group.Dispose();
        }

        return null;
    }

    public void Dispose()
    {
        if (Directory.Exists(_path))
        {
            // Fails while a process is inside: the killed one may take a moment to leave.
            SpinWait.SpinUntil(TryRemove, TimeSpan.FromSeconds(5));
        }
    }

    private bool TryRemove()
    {
        try
        {
            Directory.Delete(_path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
