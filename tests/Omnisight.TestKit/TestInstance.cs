namespace Omnisight.TestKit;

/// <summary>An instance name and a directory of a test's own. Disposing removes all that was made under the name.</summary>
public sealed class TestInstance : IDisposable
{
    public TestInstance()
    {
        Name = $"t{Environment.ProcessId:x}-{Guid.NewGuid().ToString("n")[..8]}";
        Directory = Path.Combine(Path.GetTempPath(), "omnisight-test-" + Name);
        System.IO.Directory.CreateDirectory(Directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>A valid instance name that nothing else uses.</summary>
    public string Name { get; }

    /// <summary>An empty directory, 0700.</summary>
    public string Directory { get; }

    /// <summary>The region of a channel.</summary>
    public string Region(string channel) => $"/dev/shm/{Name}_{channel}";

    public string FilePath(string name) => Path.Combine(Directory, name);

    public void Dispose()
    {
        foreach (var pattern in new[] { $"{Name}_*", $".{Name}_*", $"sem.{Name}_*" })
        {
            foreach (var file in System.IO.Directory.EnumerateFiles("/dev/shm", pattern, new EnumerationOptions { AttributesToSkip = 0 }))
            {
                File.Delete(file);
            }
        }

        if (System.IO.Directory.Exists(Directory))
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }
}
