using System.Diagnostics;
using System.Globalization;

namespace Omnisight.PeerProcess;

/// <summary>
/// Reads until its time is over or its input closes, and says in one JSON line what it met: <c>bad</c> = frames that were not whole although the transport gave
/// them as Fresh, <c>backward</c> = numbers that did not grow within an epoch, <c>mismatch</c> = a frame under another's number,
/// <c>stuck_ms</c> = the longest time without a fresh frame.
/// </summary>
internal sealed class ReadLoop
{
    private readonly IReader _reader;
    private readonly StressDecoder _decoder;
    private readonly string _wait;
    private readonly bool _lease;
    private readonly bool _sequenced;
    private ulong _epoch, _last;
    private long _fresh, _bad, _backward, _mismatch, _contended, _rejected, _stuckNs, _lastFreshAt;

    private ReadLoop(PeerOptions options, IReader reader, bool sequenced)
    {
        _reader = reader;
        _decoder = new StressDecoder(reader.Encoding);
        _wait = options.Text("wait", "poll");
        _lease = options.Text("mode", "safe") == "lease";
        _sequenced = sequenced;
    }

    public static async Task<int> Run(PeerOptions options)
    {
        var transport = PeerTransport.Open(options);
        var reader = transport.OpenReader(PeerTransport.Channel(options));
        var loop = new ReadLoop(options, reader, transport.Traits.Sequenced);
        await loop.Read(options.Number("count", long.MaxValue), TimeSpan.FromMilliseconds(options.Number("ms", 3_600_000)));
        await reader.DisposeAsync();
        if (transport is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }

        return 0;
    }

    private async Task Read(long count, TimeSpan time)
    {
        var ended = Task.Run(() => Console.In.ReadToEndAsync());
        Console.WriteLine("reading");
        var start = Stopwatch.GetTimestamp();
        while (_fresh < count && !ended.IsCompleted && Stopwatch.GetElapsedTime(start) < time)
        {
            switch (_wait)
            {
                case "blocking":
                    _ = ((IBlockingReader)_reader).Wait(TimeSpan.FromMilliseconds(100));
                    break;
                case "async":
                    await _reader.WaitAsync(CancellationToken.None);
                    break;
            }

            if (Step() == ReadStatus.Fresh && _fresh == 1)
            {
                Console.WriteLine("read first");
            }
        }

        if (ended.IsCompleted)
        {
            _ = Step(); // what was published before the input closed
        }

        // A reader that got stuck for good never comes to another frame: the time since its last one counts too.
        NoteGap(Stopwatch.GetTimestamp());
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"fresh\":{_fresh},\"bad\":{_bad},\"backward\":{_backward},\"mismatch\":{_mismatch},\"torn\":{_reader.Counters.Torn},\"missed\":{_reader.Counters.Lost},\"resets\":{_reader.Counters.Resets},\"contended\":{_contended},\"rejected\":{_rejected},\"stuck_ms\":{_stuckNs / 1_000_000}}}"));
    }

    private ReadStatus Step()
    {
        var status = _lease ? TakeLease(out var info) : _reader.Read(_decoder, out info);
        switch (status)
        {
            case ReadStatus.Fresh:
                Check(info);
                break;
            case ReadStatus.Contended:
                _contended++;
                break;
            case ReadStatus.Rejected:
                _rejected++;
                break;
        }

        return status;
    }

    private void Check(in SampleInfo info)
    {
        _fresh++;
        _bad += _decoder.IsWhole ? 0 : 1;
        _mismatch += !_sequenced || info.Sequence == _decoder.Number ? 0 : 1;
        _backward += info.Epoch == _epoch && info.Sequence <= _last ? 1 : 0;
        (_epoch, _last) = (info.Epoch, info.Sequence);
        var now = Stopwatch.GetTimestamp();
        NoteGap(now);
        _lastFreshAt = now;
    }

    private void NoteGap(long now) => _stuckNs = Math.Max(_stuckNs, _lastFreshAt == 0 ? 0 : now - _lastFreshAt);

    private ReadStatus TakeLease(out SampleInfo info)
    {
        info = default;
        var status = ((ILeasingReader)_reader).TryLease(out var lease);
        if (status == ReadStatus.Fresh)
        {
            info = lease.Info;
            _decoder.Decode(lease.Payload);
            if (!lease.Validate())
            {
                return ReadStatus.Contended;
            }
        }

        return status;
    }
}
