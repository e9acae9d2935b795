using System.IO.MemoryMappedFiles;

namespace Omnisight.Cli.Bench;

/// <summary>The barest hand-over between two processes: a word to sleep on and a time, on one shared page.</summary>
internal sealed unsafe class HandoverPage : IDisposable
{
    private const int PageBytes = 4096;
    private const long SliceNs = 100_000_000;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    public HandoverPage(string path)
    {
        Path = path;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, PageBytes);
        _view = _file.CreateViewAccessor(0, PageBytes);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public string Path { get; }

    private uint* Word => (uint*)_start;

    private ref ulong Stamp => ref *(ulong*)(_start + 64);

    public void Send(ulong stamp)
    {
        Volatile.Write(ref Stamp, stamp);
        Volatile.Write(ref *Word, *Word + 1);
        BenchNative.Wake(Word);
    }

    /// <summary>Wakes whoever sleeps there, which in a floor is nobody.</summary>
    public void Wake() => BenchNative.Wake(Word);

    /// <summary>Sleeps until the word changes from the one seen before.</summary>
    public bool TryReceive(ref uint seen, out ulong stamp)
    {
        if (Volatile.Read(ref *Word) == seen)
        {
            BenchNative.Wait(Word, seen, SliceNs);
        }

        var now = Volatile.Read(ref *Word);
        stamp = Volatile.Read(ref Stamp);
        var changed = now != seen;
        seen = now;
        return changed;
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
