namespace Omnisight.Api.Rest.Channels;

/// <summary>The last values of a channel. The feed adds, anyone looks.</summary>
internal sealed class ValueHistory(int capacity)
{
    private readonly Queue<Snapshot> _kept = new(capacity);

    public int Capacity => capacity;

    public void Add(ChannelFeed feed)
    {
        if (feed.Current is not { } snapshot)
        {
            return;
        }

        lock (_kept)
        {
            if (_kept.Count == capacity)
            {
                _ = _kept.Dequeue();
            }

            _kept.Enqueue(snapshot);
        }
    }

    /// <summary>At most so many, newest first.</summary>
    public IReadOnlyList<Snapshot> Newest(int most)
    {
        lock (_kept)
        {
            return [.. _kept.Reverse().Take(most)];
        }
    }
}
