namespace Omnisight.Commands;

/// <summary>
/// Remembers what was carried out, so that a repetition is answered with the same acknowledgement instead of being carried out again:
/// the last 1,024 within 60 s of their end. One that still runs is never forgotten: it would run twice; there is one for each type at most. Thread-safe.
/// </summary>
internal sealed class CommandMemory(TimeProvider time, int capacity = CommandMemory.DefaultCapacity)
{
    public const int DefaultCapacity = 1024;

    public static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    private readonly Dictionary<CommandKey, RememberedCommand> _byKey = [];
    private readonly Queue<RememberedCommand> _ended = [];
    private readonly Lock _gate = new();

    /// <summary>
    /// The memory of this command: a new entry (<paramref name="isNew"/>), one under way, which will then be answered once more, or one with its acknowledgement.
    /// </summary>
    public RememberedCommand FindOrAdd(in CommandKey key, out bool isNew, out byte[]? acknowledgement)
    {
        lock (_gate)
        {
            ForgetExpired();
            if (_byKey.TryGetValue(key, out var known))
            {
                isNew = false;
                acknowledgement = known.Acknowledgement;
                if (acknowledgement is null)
                {
                    known.Repetitions++;
                }

                return known;
            }

            var entry = new RememberedCommand(key);
            _byKey.Add(key, entry);
            isNew = true;
            acknowledgement = null;
            return entry;
        }
    }

    /// <summary>True when the command is remembered.</summary>
    public bool Knows(in CommandKey key)
    {
        lock (_gate)
        {
            ForgetExpired();
            return _byKey.ContainsKey(key);
        }
    }

    /// <summary>Keeps the acknowledgement. A provisional one (a timeout) gives way to the final one, in whichever order they come. Returns how many repetitions wait for it.</summary>
    public int Complete(RememberedCommand entry, byte[] acknowledgement, bool provisional = false)
    {
        lock (_gate)
        {
            if (!provisional || entry.Acknowledgement is null)
            {
                entry.Acknowledgement = acknowledgement;
            }

            if (!provisional)
            {
                entry.EndedAt = time.GetTimestamp();
                _ended.Enqueue(entry);
                ForgetOldest();
            }

            return Take(entry);
        }
    }

    /// <summary>Forgets a command that has not ended, so that a repetition is carried out. Returns how many repetitions wait for an answer.</summary>
    public int Remove(RememberedCommand entry)
    {
        lock (_gate)
        {
            _byKey.Remove(entry.Key);
            return Take(entry);
        }
    }

    private static int Take(RememberedCommand entry)
    {
        var waiting = entry.Repetitions;
        entry.Repetitions = 0;
        return waiting;
    }

    private void ForgetExpired()
    {
        while (_ended.TryPeek(out var oldest) && time.GetElapsedTime(oldest.EndedAt) > Window)
        {
            _byKey.Remove(_ended.Dequeue().Key);
        }
    }

    private void ForgetOldest()
    {
        while (_ended.Count > capacity)
        {
            _byKey.Remove(_ended.Dequeue().Key);
        }
    }
}

/// <summary>One command that was begun.</summary>
internal sealed class RememberedCommand(CommandKey key)
{
    public CommandKey Key { get; } = key;

    public long EndedAt { get; set; }

    public byte[]? Acknowledgement { get; set; }

    public int Repetitions { get; set; }
}
