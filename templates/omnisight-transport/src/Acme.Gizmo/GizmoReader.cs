using Omnisight;

namespace Acme.Gizmo;

/// <summary>Looks at the file, and hands on its payload when the header names a value that it has not had.</summary>
internal sealed class GizmoReader(ChannelSpec channel, string path, TimeProvider time, ILiveOptions<GizmoOptions> options) : IReader
{
    private readonly CancellationTokenSource _closed = new();
    private readonly byte[] _file = new byte[GizmoFile.HeaderBytes + channel.MaxPayloadBytes];
    private SampleInfo _last, _refused;
    private bool _isClosed;

    public ChannelSpec Channel => channel;

    public PayloadEncoding Encoding => PayloadEncoding.Binary;

    public ChannelCounters Counters { get; } = new();

    public ReadStatus Read(IPayloadDecoder decoder, out SampleInfo info)
    {
        info = _last;
        if (_isClosed)
        {
            return ReadStatus.Closed;
        }

        var bytes = ReadFile();
        if (bytes < GizmoFile.HeaderBytes)
        {
            return _last.Sequence == 0 ? ReadStatus.NotReady : ReadStatus.WriterStopped;
        }

        var next = GizmoFile.ReadHeader(_file);
        if (Same(next, _last))
        {
            return next.Age(time) > channel.StaleThreshold ? ReadStatus.Idle : ReadStatus.Unchanged;
        }

        if (Same(next, _refused))
        {
            info.Rejection = _refused.Rejection;
            return ReadStatus.Rejected;
        }

        return Take(decoder, next, bytes - GizmoFile.HeaderBytes, ref info);
    }

    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_isClosed)
        {
            return false;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
        try
        {
            await Task.Delay(options.Current.PollInterval, time, either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            await _closed.CancelAsync();
        }
    }

    private ReadStatus Take(IPayloadDecoder decoder, SampleInfo next, int bytes, ref SampleInfo info)
    {
        var rejection = decoder.Decode(_file.AsSpan(GizmoFile.HeaderBytes, bytes));
        if (!rejection.IsNone)
        {
            Counters.CountReject(rejection.Reason);
            _refused = next;
            _refused.Rejection = info.Rejection = rejection;
            return ReadStatus.Rejected;
        }

        if (_last.Sequence != 0 && next.Epoch != _last.Epoch)
        {
            Counters.Resets++;
        }
        else if (_last.Sequence != 0)
        {
            next.Missed = next.Sequence - _last.Sequence - 1;
        }

        Counters.Values++;
        Counters.Bytes += bytes;
        Counters.Lost += (long)next.Missed;
        info = _last = next;
        _last.Missed = 0;
        return ReadStatus.Fresh;
    }

    private int ReadFile()
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return RandomAccess.Read(file, _file, 0);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static bool Same(in SampleInfo a, in SampleInfo b) => a.Epoch == b.Epoch && a.Sequence == b.Sequence;
}
