using System.IO.MemoryMappedFiles;

namespace Omnisight.Cli.Bench;

/// <summary>
/// What the processes of a benchmark share beside the channel: when each frame was published, and the barest hand-overs.
/// <code>
///   0  word of the bare hand-over      64  its time      128  word of the carrying one      192  its time
/// 256  a word that nobody waits on    320  how many pollers are to read
/// 2048 the times of frames, by sequence
/// 4096 the bytes that the carrying hand-over carries
/// </code>
/// </summary>
internal sealed unsafe class BenchPage : IDisposable
{
    private const int LaneBytes = 128, QuietAt = 256, ActiveAt = 320, StampsAt = 2048, Stamps = 256, CarriedAt = 4096;
    private const long SliceNs = 100_000_000;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    /// <summary>In /dev/shm; made when it is not there.</summary>
    public BenchPage(string path, BenchChannel channel)
    {
        Path = path;
        CarriedBytes = channel.IsFilledInPlace ? 0 : channel.Sample().Length;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, CarriedAt + CarriedBytes);
        _view = _file.CreateViewAccessor();
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public string Path { get; }

    public int CarriedBytes { get; }

    public Span<byte> Carried => new(_start + CarriedAt, CarriedBytes);

    /// <summary>How many pollers are to read.</summary>
    public uint Active => Volatile.Read(ref *Word(ActiveAt));

    /// <summary>When the frame was published; written before it is, read once it is held.</summary>
    public ref ulong StampOf(ulong sequence) => ref ((ulong*)(_start + StampsAt))[sequence % Stamps];

    /// <summary>The bare hand-over: a time, a word, a wake. The other lane is the carrying one's.</summary>
    public void Send(int lane, ulong stamp)
    {
        var word = Word(lane * LaneBytes);
        Volatile.Write(ref Stamp(lane), stamp);
        Volatile.Write(ref *word, *word + 1);
        BenchNative.Wake(word);
    }

    /// <summary>Sleeps until the lane's word changes from the one seen before.</summary>
    public bool TryReceive(int lane, ref uint seen, out ulong stamp)
    {
        var word = Word(lane * LaneBytes);
        if (Volatile.Read(ref *word) == seen)
        {
            BenchNative.Wait(word, seen, SliceNs);
        }

        var now = Volatile.Read(ref *word);
        stamp = Volatile.Read(ref Stamp(lane));
        var changed = now != seen;
        seen = now;
        return changed;
    }

    /// <summary>A wake that finds nobody.</summary>
    public void WakeNobody() => BenchNative.Wake(Word(QuietAt));

    public void Activate(uint pollers)
    {
        Volatile.Write(ref *Word(ActiveAt), pollers);
        BenchNative.Wake(Word(ActiveAt));
    }

    /// <summary>Sleeps while the number of pollers that are to read is this one.</summary>
    public void WaitWhileActive(uint pollers) => BenchNative.Wait(Word(ActiveAt), pollers, SliceNs);

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private uint* Word(int at) => (uint*)(_start + at);

    private ref ulong Stamp(int lane) => ref *(ulong*)(_start + (lane * LaneBytes) + 64);
}
