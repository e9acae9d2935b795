namespace Fixtures.Memory;

/// <summary>The messages of a channel since it was made, at most the last thousand.</summary>
internal sealed class MemoryChannel(string name, string messageId)
{
    private const int Kept = 1000;

    private readonly Lock _lock = new();
    private readonly Queue<byte[]> _messages = new();

    public int HasPublisher;

    public string Name => name;

    public string MessageId => messageId;

    public long Sequence { get; private set; }

    public void Add(ReadOnlySpan<byte> payload)
    {
        lock (_lock)
        {
            _messages.Enqueue(payload.ToArray());
            if (_messages.Count > Kept)
            {
                _messages.Dequeue();
            }

            Sequence++;
        }
    }

    /// <summary>The message after this one, or with <paramref name="newest"/> the newest; null when there is none.</summary>
    public byte[]? After(long sequence, bool newest, out long taken)
    {
        lock (_lock)
        {
            taken = newest ? Sequence : Math.Max(sequence + 1, Sequence - _messages.Count + 1);
            return Sequence > sequence ? _messages.ElementAt((int)(_messages.Count - 1 - (Sequence - taken))) : null;
        }
    }
}
