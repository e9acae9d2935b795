using System.Buffers.Binary;

namespace Omnisight.Kernel.Tests;

/// <summary>Reads the fixture's counts as fast as they come, and checks each: a torn one has a wrong complement, none may go back.</summary>
internal sealed class CountWatch : IPayloadDecoder
{
    private readonly IReader _reader;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _task;
    private long _count, _last, _lastPublished, _longestGap;
    private ulong _epoch;

    public CountWatch(IReader reader)
    {
        _reader = reader;
        _task = Task.Run(RunAsync);
    }

    public long Fresh { get; private set; }

    public long Rejected { get; private set; }

    public long Backward { get; private set; }

    public long Resets { get; private set; }

    public long Last => _last;

    public double LongestGapMs => _longestGap / 1e6;

    public Rejection Decode(ReadOnlySpan<byte> payload)
    {
        _count = BinaryPrimitives.ReadInt64LittleEndian(payload);
        return BinaryPrimitives.ReadInt64LittleEndian(payload[8..]) == ~_count ? Rejection.None : new Rejection(RejectReason.Crc);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _task;
        await _reader.DisposeAsync();
    }

    public override string ToString() => $"{Fresh} values, {Rejected} torn, {Backward} backward, {Resets} resets, longest gap {LongestGapMs:0} ms";

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var status = _reader.Read(this, out var info);
            if (status == ReadStatus.Fresh)
            {
                Take(info);
            }
            else if (status == ReadStatus.Rejected)
            {
                Rejected++;
            }
            else
            {
                await Task.Delay(1);
            }
        }
    }

    private void Take(SampleInfo info)
    {
        Fresh++;
        Backward += _count < _last ? 1 : 0;
        Resets += _epoch != 0 && info.Epoch != _epoch ? 1 : 0;
        _longestGap = Math.Max(_longestGap, _lastPublished == 0 ? 0 : info.PublishedMonoNs - _lastPublished);
        (_last, _epoch, _lastPublished) = (_count, info.Epoch, info.PublishedMonoNs);
    }
}
