namespace Omnisight.TransportConformance;

/// <summary>A Latest channel: the last few values of one writer, numbered from 1 within its epoch.</summary>
internal sealed class MemoryRing
{
    public const int Slots = 4;

    private readonly byte[][] _payloads = [[], [], [], []];
    private readonly int[] _lengths = new int[Slots];
    private readonly long[] _times = new long[Slots];

    public Lock Gate { get; } = new();

    public MemorySignal Signal { get; } = new();

    /// <summary>Who publishes; null = nobody.</summary>
    public object? Writer { get; private set; }

    public string MessageId { get; private set; } = "";

    public ulong Epoch { get; private set; }

    public ulong Latest { get; private set; }

    /// <summary>The number whose slot is being written; leases on that slot are void.</summary>
    public ulong Begun { get; private set; }

    public bool TryOpen(object writer, ChannelSpec channel, ulong epoch)
    {
        lock (Gate)
        {
            if (Writer is not null)
            {
                return false;
            }

            Writer = writer;
            MessageId = channel.MessageId;
            Epoch = epoch;
            Latest = Begun = 0;
            for (var i = 0; i < Slots; i++)
            {
                // A new writer never touches what a reader of the old one may still look at.
                _payloads[i] = GC.AllocateUninitializedArray<byte>(channel.MaxPayloadBytes);
            }

            return true;
        }
    }

    public void Close()
    {
        lock (Gate)
        {
            Writer = null;
        }

        Signal.Wake();
    }

    /// <summary>The room of the next value.</summary>
    public Span<byte> Begin()
    {
        lock (Gate)
        {
            Begun = Latest + 1;
            return _payloads[Slot(Begun)];
        }
    }

    public void Commit(int length, long now)
    {
        lock (Gate)
        {
            _lengths[Slot(Begun)] = length;
            _times[Slot(Begun)] = now;
            Latest = Begun;
        }

        Signal.Wake();
    }

    /// <summary>A value that is still whole.</summary>
    public ReadOnlySpan<byte> Payload(ulong number) => _payloads[Slot(number)].AsSpan(0, _lengths[Slot(number)]);

    public long Time(ulong number) => _times[Slot(number)];

    public bool IsWhole(ulong epoch, ulong number)
    {
        lock (Gate)
        {
            return epoch == Epoch && Begun < number + Slots;
        }
    }

    private static int Slot(ulong number) => (int)((number - 1) % Slots);
}
