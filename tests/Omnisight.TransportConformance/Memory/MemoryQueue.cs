namespace Omnisight.TransportConformance;

/// <summary>A Stream channel or an inbox: messages of many senders for one reader, bounded.</summary>
internal sealed class MemoryQueue
{
    private const int Capacity = 1000;

    private readonly Lock _gate = new();
    private readonly byte[][] _messages = new byte[Capacity][];
    private readonly int[] _lengths = new int[Capacity];
    private int _first, _count, _senders;

    public MemorySignal Signal { get; } = new();

    public object? Reader { get; private set; }

    public bool HasSenders => Volatile.Read(ref _senders) > 0;

    public bool HasMessage => Volatile.Read(ref _count) > 0;

    public string MessageId { get; private set; } = "";

    public void AddSender(ChannelSpec channel)
    {
        MessageId = channel.MessageId;
        Interlocked.Increment(ref _senders);
    }

    public void RemoveSender() => Interlocked.Decrement(ref _senders);

    public bool TryAttach(object reader)
    {
        lock (_gate)
        {
            if (Reader is not null)
            {
                return false;
            }

            Reader = reader;
            return true;
        }
    }

    public void Detach()
    {
        lock (_gate)
        {
            Reader = null;
            _count = 0;
        }
    }

    public PublishResult Add(ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            if (Reader is null)
            {
                return PublishResult.NoReader;
            }

            if (_count == Capacity)
            {
                return PublishResult.Full;
            }

            var at = (_first + _count) % Capacity;
            if (_messages[at] is null || _messages[at].Length < message.Length)
            {
                _messages[at] = new byte[Math.Max(message.Length, 2048)];
            }

            message.CopyTo(_messages[at]);
            _lengths[at] = message.Length;
            _count++;
        }

        Signal.Wake();
        return PublishResult.Published;
    }

    /// <summary>Takes the oldest message; -1 when there is none.</summary>
    public int Take(ref byte[] buffer)
    {
        lock (_gate)
        {
            if (_count == 0)
            {
                return -1;
            }

            var length = _lengths[_first];
            if (buffer.Length < length)
            {
                buffer = new byte[Math.Max(length, 2048)];
            }

            _messages[_first].AsSpan(0, length).CopyTo(buffer);
            _first = (_first + 1) % Capacity;
            _count--;
            return length;
        }
    }
}
