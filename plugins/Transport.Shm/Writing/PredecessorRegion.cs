namespace Omnisight.Transport.Shm;

/// <summary>
/// The region that a writer finds in its place. Once its own stands there, it marks the old one closed, so that readers who sleep on it look
/// for the new one at once. Stores go through pwrite: the file may be of any size.
/// </summary>
internal sealed unsafe class PredecessorRegion : IDisposable
{
    private readonly int _fd;

    private PredecessorRegion(int fd) => _fd = fd;

    /// <exception cref="TransportException">What is there belongs to somebody else.</exception>
    public static PredecessorRegion? Find(in RegionPaths paths)
    {
        if (RegionErrors.ForeignOwner(paths.Region) is { } refusal)
        {
            throw refusal;
        }

        var fd = Native.Open(paths.Region, Native.ReadWrite | Native.NoFollow | Native.CloseOnExec | Native.NonBlocking, 0);
        if (fd < 0)
        {
            return null;
        }

        if (!Native.TryStat(fd, out var facts) || !facts.IsRegular || facts.Bytes < RegionLayout.HeaderBytes)
        {
            _ = Native.Close(fd);
            return null;
        }

        return new PredecessorRegion(fd);
    }

    public void MarkClosed()
    {
        uint word;
        if (Native.Read(_fd, &word, sizeof(uint), RegionLayout.MagicAt) != sizeof(uint) || word != RegionLayout.Magic)
        {
            return;
        }

        word = (uint)RegionState.Closed;
        _ = Native.Write(_fd, &word, sizeof(uint), RegionLayout.StateAt);
        _ = Native.Read(_fd, &word, sizeof(uint), RegionLayout.NotifyAt);
        word++;
        _ = Native.Write(_fd, &word, sizeof(uint), RegionLayout.NotifyAt);
        var start = Native.Map(null, RegionLayout.HeaderBytes, Native.ProtRead, Native.MapShared, _fd, 0);
        if (start != (void*)-1)
        {
            Native.FutexWake((uint*)((byte*)start + RegionLayout.NotifyAt));
            _ = Native.Unmap(start, RegionLayout.HeaderBytes);
        }
    }

    public void Dispose() => _ = Native.Close(_fd);
}
