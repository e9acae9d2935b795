namespace Omnisight.Sdk;

/// <summary>
/// What C holds instead of pointers: numbers that are never given twice, in no table of the library, so that a handle that was closed, never was
/// one, or is of another kind, is an error and not a crash. Looking up takes no lock.
/// </summary>
internal sealed class HandleTable<T>
    where T : class
{
    private const int IndexBits = 16;
    private readonly Lock _gate = new();
    private readonly Stack<int> _free = [];
    private Entry?[] _entries = new Entry?[8];
    private int _used;

    public nint Add(T value)
    {
        lock (_gate)
        {
            if (!_free.TryPop(out var index))
            {
                if (_used == 1 << IndexBits)
                {
                    throw new BadArgumentException($"more than {1 << IndexBits} handles are open: close those that are not used");
                }

                index = _used++;
                if (index == _entries.Length)
                {
                    Array.Resize(ref _entries, index * 2);
                }
            }

            var handle = (HandleGeneration.Next() << IndexBits) | (nint)index;
            Volatile.Write(ref _entries[index], new Entry(handle, value));
            return handle;
        }
    }

    public T? Find(nint handle)
    {
        var entries = _entries;
        var index = (int)(handle & ((1 << IndexBits) - 1));
        return index < entries.Length && Volatile.Read(ref entries[index]) is { } entry && entry.Handle == handle ? entry.Value : null;
    }

    public T? Remove(nint handle)
    {
        lock (_gate)
        {
            var value = Find(handle);
            if (value is not null)
            {
                var index = (int)(handle & ((1 << IndexBits) - 1));
                _entries[index] = null;
                _free.Push(index);
            }

            return value;
        }
    }

    private sealed record Entry(nint Handle, T Value);
}

/// <summary>One count for the tables of all kinds.</summary>
internal static class HandleGeneration
{
    private static long _last;

    public static nint Next() => (nint)Interlocked.Increment(ref _last);
}
