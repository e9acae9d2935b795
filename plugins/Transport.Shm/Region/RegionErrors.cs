namespace Omnisight.Transport.Shm;

/// <summary>errno as the exception that says what to do.</summary>
internal static class RegionErrors
{
    public static TransportException From(int error, string what) => error switch
    {
        Native.Eacces or Native.Eperm or Native.Erofs => new(
            TransportError.Permission,
            $"{what}: {Native.Describe(error)} for uid {Native.EffectiveUserId()}; give this user the right, or set Transport.Shm:Directory"),
        Native.Enospc or Native.Edquot => new(TransportError.NoSpace, $"{what}: {Native.Describe(error)}"),
        Native.Eloop => new(TransportError.Unsafe, $"{what}: refusing a symbolic link; remove it"),
        Native.Eisdir => new(TransportError.Unsafe, $"{what}: refusing a directory; remove it"),
        _ => new(TransportError.NotSupported, $"{what}: {Native.Describe(error)}"),
    };

    /// <summary>The refusal when something at the path is not ours; null when it is, or nothing is there.</summary>
    public static TransportException? ForeignOwner(string path) =>
        Native.TryStat(path, out var facts) && facts.Owner != Native.EffectiveUserId()
            ? new(TransportError.Unsafe, $"{path}: refusing: owned by uid {facts.Owner}, expected {Native.EffectiveUserId()}; remove it or choose another Omnisight:Instance")
            : null;

    public static TransportException NoSpace(int error, long bytes, in RegionPaths paths, int slots)
    {
        var (free, total) = Room(paths.Directory);
        return new(
            TransportError.NoSpace,
            $"{Native.Describe(error).Split(' ')[0]} allocating {bytes} bytes for {paths.Channel} ({slots} slots): {paths.Directory} has {free} of {total} bytes free; "
            + "enlarge it (mount -o remount,size=..., docker --shm-size) or lower Transport.Shm:Slots or the channel's Capacity");
    }

    public static long FreeBytes(string directory) => Room(directory).Free;

    private static (long Free, long Total) Room(string directory)
    {
        try
        {
            var drive = new DriveInfo(directory);
            return (drive.AvailableFreeSpace, drive.TotalSize);
        }
        catch (IOException)
        {
            // The number is for the message; that the file system can't be asked must not hide what the message is about.
            return (0, 0);
        }
    }
}
