namespace Omnisight.Transport.Shm;

/// <summary>The files of one channel. Names are checked before they get here, so a path holds what it seems to hold.</summary>
internal readonly record struct RegionPaths(string Directory, string Instance, string Channel)
{
    private const string TemporaryEnd = ".tmp";

    /// <summary>The region readers open.</summary>
    public string Region => $"{Directory}/{Instance}_{Channel}";

    /// <summary>The writer's lock: beside the region, so that it does not depend on the environment; never unlinked.</summary>
    public string Lock => $"{Directory}/.{Instance}_{Channel}.lock";

    /// <summary>A name nobody can have taken.</summary>
    public string NewTemporary() => $"{Directory}/.{Instance}_{Channel}.{Guid.NewGuid():n}{TemporaryEnd}";

    /// <summary>What an earlier writer of this channel left when it was killed. Call it with the lock held.</summary>
    public IEnumerable<string> Leftovers() =>
        System.IO.Directory.EnumerateFiles(Directory, $".{Instance}_{Channel}.*{TemporaryEnd}", new EnumerationOptions { AttributesToSkip = 0 });
}
