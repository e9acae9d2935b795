using System.Diagnostics;

namespace Omnisight.Sdk;

/// <summary>
/// A reader of a document whose directory was not given: while there is no document, or nobody who keeps it, it asks where the node is now and goes over to that
/// directory. Not thread-safe, like every reader; it may be disposed during a wait.
/// </summary>
internal sealed class FollowingReader : IReader
{
    private static readonly TimeSpan Ask = TimeSpan.FromMilliseconds(500);

    private readonly Func<string> _find;
    private readonly Func<string, (ITransport Transport, IReader Reader)> _open;
    private readonly Lock _gate = new();
    private string _directory;
    private (ITransport Transport, IReader Reader) _current;
    private long _askedAt = Stopwatch.GetTimestamp();
    private bool _closed;

    public FollowingReader(Func<string> find, Func<string, (ITransport Transport, IReader Reader)> open)
    {
        _find = find;
        _open = open;
        _directory = find();
        _current = open(_directory);
    }

    public ChannelSpec Channel => _current.Reader.Channel;

    public PayloadEncoding Encoding => _current.Reader.Encoding;

    public ChannelCounters Counters => _current.Reader.Counters;

    public ReadStatus Read(IPayloadDecoder decoder, out SampleInfo info)
    {
        var status = _current.Reader.Read(decoder, out info);
        return status is ReadStatus.NotReady or ReadStatus.WriterStopped or ReadStatus.WriterGone or ReadStatus.Stale && WentOver() ? _current.Reader.Read(decoder, out info) : status;
    }

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _current.Reader.WaitAsync(cancellationToken);

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closed = true;
            return CloseAsync(_current);
        }
    }

    private static async ValueTask CloseAsync((ITransport Transport, IReader Reader) ends)
    {
        await ends.Reader.DisposeAsync().ConfigureAwait(false);
        await ((IAsyncDisposable)ends.Transport).DisposeAsync().ConfigureAwait(false);
    }

    private bool WentOver()
    {
        if (Stopwatch.GetElapsedTime(_askedAt) < Ask)
        {
            return false;
        }

        _askedAt = Stopwatch.GetTimestamp();
        var directory = _find();
        if (directory == _directory)
        {
            return false;
        }

        var former = _current;
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            _current = _open(directory);
            _directory = directory;
        }

        _ = CloseAsync(former).AsTask();
        return true;
    }
}
