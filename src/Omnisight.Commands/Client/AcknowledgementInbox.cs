using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Omnisight.Commands;

/// <summary>
/// Reads acknowledgements and gives each to the request that waits for it. Either a thread of its own reads, or, as long as nobody
/// awaits, the very thread that waits for an answer.
/// </summary>
internal sealed class AcknowledgementInbox : IAsyncDisposable
{
    /// <summary>Bounds how long a stop, or an answer that another waiting thread read, goes unseen.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(50);

    private readonly IReader _reader;
    private readonly IBlockingReader? _blocking;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, PendingRequest> _pending = new(StringComparer.Ordinal);
    private readonly LineCopy _line = new(CommandChannels.MaxAcknowledgementBytes);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _reading = new();
    private readonly Lock _starting = new();
    private volatile Task? _loop;

    public AcknowledgementInbox(ITransport acks, ILogger logger)
    {
        _logger = logger;
        if (acks is IInboxTransport inboxes)
        {
            var inbox = inboxes.OpenInbox(CommandChannels.Acks);
            Address = inbox.Address;
            _reader = inbox;
        }
        else
        {
            _reader = acks.OpenReader(CommandChannels.Acks);
        }

        _blocking = _reader as IBlockingReader;
    }

    /// <summary>What requests name as reply_to; null = the shared acknowledgements.</summary>
    public string? Address { get; }

    public void Expect(PendingRequest request) => _pending[request.Id] = request;

    public void Forget(PendingRequest request) => _pending.TryRemove(KeyValuePair.Create(request.Id, request));

    /// <summary>From now on a loop of its own reads.</summary>
    public void StartReading()
    {
        if (_loop is not null)
        {
            return;
        }

        lock (_starting)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            _loop ??= _blocking is null ? ReadAsync() : CommandThread.RunAsync("omnisight-acks", ReadBlocking);
        }
    }

    /// <summary>Waits on the caller's thread until the request is answered or the deadline is over.</summary>
    public void Wait(PendingRequest request, Deadline deadline)
    {
        if (_blocking is null)
        {
            StartReading();
        }

        while (!request.IsCompleted && !deadline.IsOver)
        {
            if (_loop is null && _reading.TryEnter())
            {
                try
                {
                    ReadFor(request, deadline);
                }
                finally
                {
                    _reading.Exit();
                }
            }
            else
            {
                // Another thread reads; when it has its own answer and leaves, this one takes its place.
                ((IAsyncResult)request.Task).AsyncWaitHandle.WaitOne(deadline.Limit(Slice));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task loop;
        lock (_starting)
        {
            _stop.Cancel();
            loop = _loop ?? Task.CompletedTask;
        }

        await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _reader.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private void ReadFor(PendingRequest request, Deadline deadline)
    {
        // Waits first and stops at its own answer: what else there is, the next one finds.
        do
        {
            _blocking!.Wait(deadline.Limit(Slice));
        }
        while (ReadOne() != ReadStatus.Closed && !request.IsCompleted && !deadline.IsOver && _loop is null);
    }

    private void ReadBlocking()
    {
        while (!_stop.IsCancellationRequested)
        {
            lock (_reading)
            {
                if (!Drain())
                {
                    return;
                }

                _blocking!.Wait(Slice);
            }
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (Drain() && await _reader.WaitAsync(_stop.Token).ConfigureAwait(false))
            {
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    /// <summary>Takes all there is; false when the reader was closed.</summary>
    private bool Drain()
    {
        ReadStatus status;
        do
        {
            status = ReadOne();
        }
        while (status is ReadStatus.Fresh or ReadStatus.Rejected);

        return status != ReadStatus.Closed;
    }

    /// <summary>Takes the next line, if there is one.</summary>
    private ReadStatus ReadOne()
    {
        var status = _reader.Read(_line, out var info);
        switch (status)
        {
            case ReadStatus.Fresh when AcknowledgementFormat.TryRead(_line.Line, out var acknowledgement):
                if (_pending.TryRemove(acknowledgement.RequestId, out var request))
                {
                    request.Complete(acknowledgement);
                }

                break;
            case ReadStatus.Fresh:
                CommandLog.AckUnreadable(_logger, "not an acknowledgement");
                break;
            case ReadStatus.Rejected:
                CommandLog.AckUnreadable(_logger, info.Rejection.ToString());
                break;
        }

        return status;
    }
}
