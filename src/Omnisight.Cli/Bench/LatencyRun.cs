using System.Diagnostics;
using System.IO.Hashing;

namespace Omnisight.Cli.Bench;

/// <summary>
/// From before a publish in this process until others hold the frame. Between any two frames comes the barest futex hand-over to yet another process,
/// and then the least that the frame's work costs: a hand-over that carries its bytes and checks them, or, for a frame that is filled in place, the filling alone.
/// All curves are of the same seconds, and of caches as cold.
/// </summary>
internal sealed class LatencyRun
{
    private const int MostWarmFrames = 120_000;
    private const int Steps = 3;

    private readonly BenchChannel _channel;
    private readonly BenchPage _page;
    private readonly BenchWriter _writer;
    private readonly BenchSettings _settings;
    private readonly byte[] _sample;
    private readonly byte[] _made;
    private readonly byte[] _privateSlots;
    private readonly long _stepNs;
    private long _next;
    private long _tookNs;
    private Recorder? _into;
    private ulong _number;

    private LatencyRun(BenchChannel channel, BenchPage page, BenchWriter writer, BenchSettings settings)
    {
        (_channel, _page, _writer, _settings) = (channel, page, writer, settings);
        _sample = channel.Sample();
        _made = new byte[channel.IsFilledInPlace ? 0 : _sample.Length];
        _privateSlots = new byte[channel.IsFilledInPlace ? 4 * _sample.Length : 0];
        _stepNs = 1_000_000_000L / Steps / settings.Rate;
    }

    public ReaderReport Readers { get; } = new();

    /// <summary>The barest hand-over.</summary>
    public ReaderReport Handover { get; } = new();

    /// <summary>The one that carries the frame's bytes; its <see cref="ReaderReport.Take"/> is the floor of a paced read.</summary>
    public ReaderReport Carrying { get; } = new();

    /// <summary>What the call of publish takes at this pace, waking those who wait.</summary>
    public Recorder Publish { get; } = new();

    /// <summary>memcpy + CRC-32 and the same wake; or the filling of private memory and no wake.</summary>
    public Recorder PublishFloor { get; } = new();

    /// <summary>What the channel takes in shared memory.</summary>
    public long IpcBytes { get; private set; }

    public long ResidentBytes { get; private set; }

    /// <summary>Frames that some reader did not get.</summary>
    public long Lost => ((long)_settings.Frames * _settings.Readers) - Readers.Latency.Count;

    public static async Task<LatencyRun> Measure(
        BenchChannel channel, ITransport transport, BenchSettings settings, Func<string, IEnumerable<string>> arguments, CancellationToken stop)
    {
        using var page = new BenchPage(settings.PagePath, channel);
        await using var writer = channel.OpenWriter(transport, settings.Mode == BenchMode.Lease);
        var run = new LatencyRun(channel, page, writer, settings)
        {
            IpcBytes = Directory.EnumerateFiles("/dev/shm", settings.Instance + "_*").Sum(f => new FileInfo(f).Length),
        };
        var children = new List<BenchChild>();
        try
        {
            children.Add(BenchChild.Start(arguments("handover"), run.Handover.AddLine));
            if (!channel.IsFilledInPlace)
            {
                children.Add(BenchChild.Start(arguments("carrying"), run.Carrying.AddLine));
            }

            for (var i = 0; i < settings.Readers; i++)
            {
                children.Add(BenchChild.Start(arguments("reader"), run.Readers.AddLine));
            }

            await Task.Factory.StartNew(() => run.Pace(children, stop), stop, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            children.ForEach(c => c.RequireReport());
            run.ResidentBytes = Environment.WorkingSet;
        }
        finally
        {
            children.ForEach(c => c.Dispose());
            File.Delete(page.Path);
        }

        return run;
    }

    private void Pace(List<BenchChild> children, CancellationToken stop)
    {
        if (_settings.Pin)
        {
            BenchNative.Pin(BenchNative.PublisherCore);
        }

        var code = new CompiledCode();
        _next = Stopwatch.GetTimestamp();
        for (var i = 0; i < MostWarmFrames && !(code.IsSettledAfter(i) && children.TrueForAll(c => c.IsReady)) && !stop.IsCancellationRequested; i++)
        {
            Round(BenchChannel.Warm);
        }

        for (var i = 0; i < _settings.Frames && !stop.IsCancellationRequested; i++)
        {
            Round(null);
        }

        Book();
        for (var i = 0; i < MostWarmFrames && !children.TrueForAll(c => c.HasEnded); i++)
        {
            Round(BenchChannel.End);
        }
    }

    /// <summary>Not before the next sleep is over: on the same core, the one who was woken would wait for it.</summary>
    private void Book()
    {
        _into?.Record(_tookNs);
        _into = null;
    }

    /// <summary>A frame and its two floors; without a mark they are measured.</summary>
    private void Round(ulong? mark)
    {
        _number++;
        _ = Step();
        var start = _writer.Publish(ref _page.StampOf(_number), mark);
        Record(Publish);

        start = Step();
        _page.Send(HandoverRole.Bare, mark ?? (ulong)start);
        Record(null);

        start = Step();
        if (_channel.IsFilledInPlace)
        {
            _channel.Fill(_privateSlots.AsSpan((int)(_number % 4) * _sample.Length, _sample.Length), _number);
        }
        else
        {
            _made.CopyTo(_page.Carried);
            _ = Crc32.HashToUInt32(_made);
            _page.Send(HandoverRole.Carrying, mark ?? (ulong)start);
        }

        Record(PublishFloor);

        long Step()
        {
            BenchNative.SleepUntil(_next += _stepNs);
            Book();

            // A producer publishes what it has just made, unless it makes it in the loan; the floors get no colder and no warmer start.
            _writer.Prepare(_number);
            _sample.AsSpan(0, _made.Length).CopyTo(_made);
            return Stopwatch.GetTimestamp();
        }

        // After every hand-over alike: who was woken on this core may have to wait until it sleeps.
        void Record(Recorder? into)
        {
            _tookNs = Stopwatch.GetTimestamp() - start;
            _into = mark is null ? into : null;
        }
    }
}
