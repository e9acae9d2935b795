namespace Omnisight.Transport.Shm;

/// <summary>
/// What a writer published last, in memory of its own, for the region that takes a damaged one's place: nothing in shared memory is trusted for it. The bytes are
/// kept only where the next frame may be long in coming, or the old region's memory is needed; elsewhere they are taken from the old region when it is whole.
/// </summary>
internal sealed class LastFrame(bool keepsBytes)
{
    private byte[] _kept = [];
    private ulong _keptSequence;
    private int _bytes;
    private long _monoNs;

    public ulong Sequence { get; private set; }

    public static LastFrame Of(ChannelSpec channel) => new(channel.Period <= TimeSpan.Zero || channel.Period > TimeSpan.FromSeconds(1));

    public void Note(ulong sequence, ReadOnlySpan<byte> payload, long monoNs)
    {
        (Sequence, _bytes, _monoNs) = (sequence, payload.Length, monoNs);
        if (keepsBytes)
        {
            if (_kept.Length < payload.Length)
            {
                _kept = new byte[payload.Length];
            }

            payload.CopyTo(_kept);
            _keptSequence = sequence;
        }
        else if (_keptSequence != 0)
        {
            (_kept, _keptSequence) = ([], 0);
        }
    }

    /// <summary>Takes the bytes out of a region whose memory is about to go.</summary>
    public void Keep(WritableRegion old)
    {
        if (_keptSequence != Sequence && old.Ring.TryFind(Sequence, _bytes, out var payload))
        {
            var bytes = payload.ToArray();
            if (!old.IsCut)
            {
                (_kept, _keptSequence) = (bytes, Sequence);
            }
        }
    }

    /// <summary>Publishes the frame again under its number and time.</summary>
    /// <param name="to">The new region.</param>
    /// <param name="old">The one whose place it takes; null when it must not be touched.</param>
    public void PublishAgain(RingWriter to, WritableRegion? old)
    {
        if (Sequence == 0)
        {
            return;
        }

        if (_keptSequence == Sequence)
        {
            to.Publish(Sequence, _kept.AsSpan(0, _bytes), _monoNs);
        }
        else if (old is not null && old.Ring.TryFind(Sequence, _bytes, out var payload))
        {
            payload.CopyTo(to.Open(Sequence, _bytes));
            if (!old.IsCut)
            {
                _ = to.Commit(Sequence, _bytes, _monoNs);
            }
        }
    }

    /// <summary>There is nothing to publish again.</summary>
    public void Forget() => Sequence = 0;
}
