using Omnisight.Transport.Files;

namespace Omnisight.Transport.Fifo;

/// <summary>
/// Lines to inboxes: each FIFO is opened for its line, and closed for that of another inbox or within a second, so that the core holds one of
/// its clients at most: to a client that asks again and again, opening anew would cost more than the rest of the answer.
/// A long line that the pipe took in part keeps it open until the rest is written, or its reader does not read for too long.
/// </summary>
internal sealed class InboxSender : IPollTarget, IDisposable
{
    private const int MaxUnfinished = 256;
    private const long PatienceNs = 5_000_000_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Unfinished> _unfinished = [];
    private readonly PollLoop _loop;
    private readonly TimeProvider _time;
    private byte[] _line = new byte[4096];
    private FifoWriter? _kept;
    private string _keptPath = "";
    private bool _keptWasUsed;
    private bool _closed;

    public InboxSender(PollLoop loop, TimeProvider time)
    {
        _loop = loop;
        _time = time;
        Key = loop.Add(this);
    }

    private long Key { get; }

    public PublishResult Send(FifoFile file, ReadOnlySpan<byte> payload, int lineLimit)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return PublishResult.Closed;
            }

            if (payload.Length + 1 > lineLimit)
            {
                return PublishResult.TooLarge;
            }

            if (_unfinished.TryGetValue(file.Path.Text, out var before))
            {
                return Write(before.Writer, file, payload);
            }

            // A short line is written whole or not at all, and is never one of those that wait.
            if (_unfinished.Count >= MaxUnfinished && payload.Length + 1 > FifoTransport.PipeBuf)
            {
                return PublishResult.Full;
            }

            var kept = _kept is not null && _keptPath == file.Path.Text ? _kept : null;
            if (kept is null)
            {
                CloseKept();
            }

            return Write(kept ?? new FifoWriter(file), file, payload);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _loop.Remove(Key);
            CloseKept();
            foreach (var unfinished in _unfinished.Values)
            {
                unfinished.Writer.Close();
            }

            _unfinished.Clear();
        }
    }

    void IPollTarget.OnReady() => Advance();

    void IPollTarget.OnTick()
    {
        lock (_gate)
        {
            if (!_keptWasUsed)
            {
                CloseKept();
            }

            _keptWasUsed = false;
        }

        Advance();
    }

    void IPollTarget.OnStop()
    {
    }

    private PublishResult Write(FifoWriter writer, FifoFile file, ReadOnlySpan<byte> payload)
    {
        if (_line.Length <= payload.Length)
        {
            _line = new byte[(payload.Length + 1) * 2];
        }

        payload.CopyTo(_line);
        EnvelopeWriter.Flatten(_line.AsSpan(0, payload.Length));
        _line[payload.Length] = (byte)'\n';
        var result = writer.Write(_line.AsSpan(0, payload.Length + 1));
        if (!writer.HasRest)
        {
            if (_unfinished.Remove(file.Path.Text))
            {
                writer.Close();
            }
            else
            {
                Keep(writer, file.Path.Text);
            }
        }
        else if (result == PublishResult.Published)
        {
            // Its end is watched for: it is no longer the one that is kept for the next line.
            _kept = _kept == writer ? null : _kept;
            if (_unfinished.TryAdd(file.Path.Text, new Unfinished(writer, MonotonicClock.NowNs(_time))))
            {
                _loop.Watch(Key, writer.Descriptor);
            }

            _loop.Arm(Key, writer.Descriptor, write: true);
        }

        return result;
    }

    private void Keep(FifoWriter writer, string path)
    {
        if (_kept != writer)
        {
            CloseKept();
        }

        _kept = writer;
        _keptPath = path;
        _keptWasUsed = true;
    }

    private void CloseKept()
    {
        _kept?.Close();
        _kept = null;
    }

    private void Advance()
    {
        lock (_gate)
        {
            foreach (var (path, unfinished) in _unfinished)
            {
                if (unfinished.Writer.Flush() || MonotonicClock.NowNs(_time) - unfinished.Since > PatienceNs)
                {
                    unfinished.Writer.Close();
                    _unfinished.Remove(path);
                }
                else
                {
                    _loop.Arm(Key, unfinished.Writer.Descriptor, write: true);
                }
            }
        }
    }

    private sealed record Unfinished(FifoWriter Writer, long Since);
}
