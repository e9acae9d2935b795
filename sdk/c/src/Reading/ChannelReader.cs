using System.Diagnostics;
using Omnisight.Messages;
using Omnisight.Transport.JsonFile;
using Omnisight.Transport.Shm;

namespace Omnisight.Sdk;

/// <summary>What an OmnisightReader handle stands for: one reader and the transport it came from.</summary>
internal abstract class ChannelReader : IAsyncDisposable
{
    private const int DefaultRawBytes = 1 << 20;
    private static readonly TimeSpan OneMs = TimeSpan.FromMilliseconds(1);
    private static readonly string[] Documents = ["stats", "status", "swarm", "plugins", "config"];
    private readonly IAsyncDisposable? _transport;
    private ulong _leased;
    private bool _owed;

    private protected ChannelReader(IReader bytes, IAsyncDisposable? transport)
    {
        Bytes = bytes;
        _transport = transport;
    }

    public IReader Bytes { get; }

    /// <summary>One read at a time.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The last value's place and header, as C gets it.</summary>
    public abstract void Describe(in SampleInfo info, ref FrameInfo result);

    public static unsafe ChannelReader Open(in ReaderConfig config)
    {
        var instance = Places.Instance(config.Instance);
        var name = Places.Channel(CText.Required(config.Channel, "channel"));
        var given = CText.ReadOptional(config.RuntimeDir);
        int[] trusted = config.TrustedUid != 0 ? [(int)config.TrustedUid] : [];
        if (config.Mode > 1)
        {
            throw new BadArgumentException($"mode is {config.Mode}; it must be OMNISIGHT_MODE_SAFE or OMNISIGHT_MODE_MAP");
        }

        var format = FormatOf(name, CText.ReadOptional(config.Message));
        var spec = SpecOf(name, CText.ReadOptional(config.Message), format, in config);
        var mostRawBytes = config.MaxPayloadBytes != 0 || format is null ? spec.MaxPayloadBytes : int.MaxValue;
        var mode = config.Mode == 1 ? "map" : "safe";
        switch (CText.Read(config.Transport, Documents.Contains(name.Value) || name.Value.StartsWith("proc-", StringComparison.Ordinal) ? "jsonfile" : "shm"))
        {
            case "shm":
                var shm = new ShmTransport(new NativeContext("Transport.Shm", instance, "", new ShmOptions { ReadMode = mode, TrustedUids = trusted }));
                return Of(shm.OpenReader(spec), format, mostRawBytes, shm);
            case "jsonfile":
                return Of(
                    new FollowingReader(
                        () => Places.ForClient(given, instance, trusted),
                        directory =>
                        {
                            var files = new JsonFileTransport(new NativeContext("Transport.JsonFile", instance, directory, new JsonFileOptions { TrustedUids = trusted }));
                            return (files, files.OpenReader(spec));
                        }),
                    format, mostRawBytes, null);
            case var scheme:
                throw new BadArgumentException($"transport '{scheme}' is not shm or jsonfile");
        }
    }

    /// <summary>Waits until there may be something new; false after the timeout.</summary>
    public bool Wait(TimeSpan timeout)
    {
        if (Bytes is IBlockingReader blocking)
        {
            return blocking.Wait(timeout);
        }

        // Not at once: a wait that is cancelled already looks at nothing.
        using var cancel = new CancellationTokenSource(timeout < OneMs ? OneMs : timeout);
        try
        {
            return Bytes.WaitAsync(cancel.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Shows the newest payload where it lies.</summary>
    public unsafe ReadStatus Lease(out byte* payload, out nuint length, ref FrameInfo info)
    {
        payload = null;
        length = 0;
        _leased = 0;
        if (Bytes is not ILeasingReader leasing)
        {
            throw new BadArgumentException(ErrorCode.NotSupported, "only a reader with OMNISIGHT_MODE_MAP on shared memory can lease");
        }

        var status = leasing.TryLease(out var lease);
        var sample = lease.Info;
        Fill(in sample, ref info);
        info.Truncated = uint.MaxValue;
        if (lease.Payload.IsEmpty)
        {
            return status;
        }

        _leased = sample.Sequence;
        payload = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(lease.Payload));
        length = (nuint)lease.Payload.Length;
        info.PayloadBytes = length;
        return status;
    }

    public bool IsLeaseValid() => _leased != 0 && Bytes is ILeasingReader leasing && leasing.ValidateLease(_leased);

    /// <summary>What the caller is told: a fresh value that did not fit into its buffer is fresh to it in the call in which it fits.</summary>
    public int Told(ReadStatus status, bool fitted)
    {
        _owed |= status == ReadStatus.Fresh;
        if (!fitted)
        {
            return (int)ErrorCode.TooSmall;
        }

        var told = _owed ? ReadStatus.Fresh : status;
        _owed = false;
        return (int)told;
    }

    public async ValueTask DisposeAsync()
    {
        await Bytes.DisposeAsync().ConfigureAwait(false);
        if (_transport is not null)
        {
            await _transport.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Puts another value's place into what is told.</summary>
    private protected static void Place(in SampleInfo of, ref SampleInfo info) =>
        (info.Epoch, info.Sequence, info.PublishedMonoNs) = (of.Epoch, of.Sequence, of.PublishedMonoNs);

    private protected static void Fill(in SampleInfo info, ref FrameInfo result)
    {
        result.Epoch = info.Epoch;
        result.Sequence = info.Sequence;
        result.PublishedMonoNs = info.PublishedMonoNs;
        result.AgeNs = info.Sequence == 0 ? 0 : Math.Max(0, Stopwatch.GetTimestamp() - info.PublishedMonoNs);
        result.Missed = info.Missed;
        result.RejectReason = (uint)info.Rejection.Reason;
        result.RejectFound = info.Rejection.Found;
        result.RejectExpected = info.Rejection.Expected;
    }

    private static IMessageFormat? FormatOf(ChannelName name, string? message) =>
        Formats.All.FirstOrDefault(f => message is null ? f.DefaultChannel.Name == name : f.Name == message);

    private static ChannelSpec SpecOf(ChannelName name, string? message, IMessageFormat? format, in ReaderConfig config)
    {
        var spec = (format?.DefaultChannel ?? new ChannelSpec { Name = name, MessageId = message is null ? "" : message + "/1" }) with
        {
            Name = name,
            MaxPayloadBytes = config.MaxPayloadBytes != 0 ? (int)Math.Min(config.MaxPayloadBytes, int.MaxValue) : format?.DefaultChannel.MaxPayloadBytes ?? DefaultRawBytes,
        };
        return config.PeriodMs != 0 ? spec with { Period = TimeSpan.FromMilliseconds(config.PeriodMs) } : spec;
    }

    private static ChannelReader Of(IReader bytes, IMessageFormat? format, int mostRawBytes, IAsyncDisposable? transport) => format switch
    {
        DetectionCodec codec => new FrameReader<DetectionFrame, DetectedObject>(bytes, codec, transport),
        TrackCodec codec => new FrameReader<TrackFrame, TrackedObject>(bytes, codec, transport),
        TimelineCodec codec => new FrameReader<TimelineFrame, TimelineSnapshot>(bytes, codec, transport),
        _ => new RawReader(bytes, format, mostRawBytes, transport),
    };
}
