namespace Omnisight.Commands;

/// <summary>
/// Remembers what was carried out, so that a repetition is answered with the same acknowledgement instead of being carried out again:
/// the last 1,024 within 60 s. Thread-safe.
/// </summary>
internal sealed class CommandMemory(TimeProvider time, int capacity = CommandMemory.DefaultCapacity)
{
    public const int DefaultCapacity = 1024;

    public static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    private readonly Dictionary<CommandKey, RememberedCommand> _byKey = [];
    private readonly Queue<RememberedCommand> _byAge = [];
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

            MakeRoom();
            var entry = new RememberedCommand(key, time.GetTimestamp());
            _byKey.Add(key, entry);
            _byAge.Enqueue(entry);
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

            return Take(entry);
        }
    }

    /// <summary>Forgets a command that was not carried out, so that a repetition is. Returns how many repetitions wait for an answer.</summary>
    public int Remove(RememberedCommand entry)
    {
        lock (_gate)
        {
            entry.Removed = true;
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
        while (_byAge.TryPeek(out var oldest) && (oldest.Removed || time.GetElapsedTime(oldest.Time) > Window))
        {
            Forget(_byAge.Dequeue());
        }
    }

    private void MakeRoom()
    {
        // One that is still under way is never forgotten for lack of room: there are few, and forgetting it would run it twice.
        for (var candidates = _byAge.Count; _byAge.Count >= capacity && candidates > 0; candidates--)
        {
            var oldest = _byAge.Dequeue();
            if (oldest.Acknowledgement is null && !oldest.Removed)
            {
                _byAge.Enqueue(oldest);
            }
            else
            {
                Forget(oldest);
            }
        }
    }

    private void Forget(RememberedCommand entry)
    {
        if (!entry.Removed)
        {
            _byKey.Remove(entry.Key);
        }
    }
}

/// <summary>One command that was begun.</summary>
internal sealed class RememberedCommand(CommandKey key, long time)
{
    public CommandKey Key { get; } = key;

    public long Time { get; } = time;

    public byte[]? Acknowledgement { get; set; }

    public int Repetitions { get; set; }

    public bool Removed { get; set; }
}
