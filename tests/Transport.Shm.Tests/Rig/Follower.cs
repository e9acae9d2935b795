using Omnisight.PeerProcess;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>A reader that sleeps until there is a frame, takes it, and checks every byte: blocking, async, or by lease.</summary>
internal sealed class Follower(IReader reader, string wait)
{
    private readonly StressDecoder _decoder = new(PayloadEncoding.Binary);
    private readonly Lock _change = new();
    private (ulong Epoch, ulong Sequence) _last;

    public string Wait => wait;

    public (ulong Epoch, ulong Sequence) Last
    {
        get
        {
            lock (_change)
            {
                return _last;
            }
        }
    }

    /// <summary>Frames that were torn, under another's number, or went back.</summary>
    public int Flaws { get; private set; }

    public async Task Follow(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            _ = wait == "blocking" ? ((IBlockingReader)reader).Wait(TimeSpan.FromSeconds(1)) : await reader.WaitAsync(CancellationToken.None);
            Step();
        }
    }

    private void Step()
    {
        if (Take(out var info))
        {
            Flaws += _decoder.IsWhole && _decoder.Number == info.Sequence && (info.Epoch != _last.Epoch || info.Sequence > _last.Sequence) ? 0 : 1;
            lock (_change)
            {
                _last = (info.Epoch, info.Sequence);
            }
        }
    }

    private bool Take(out SampleInfo info)
    {
        if (wait != "lease")
        {
            return reader.Read(_decoder, out info) == ReadStatus.Fresh;
        }

        info = default;
        if (((ILeasingReader)reader).TryLease(out var lease) != ReadStatus.Fresh)
        {
            return false;
        }

        info = lease.Info;
        _ = _decoder.Decode(lease.Payload);
        return lease.Validate();
    }
}
