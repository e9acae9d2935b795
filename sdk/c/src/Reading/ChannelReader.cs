using System.Diagnostics;
using Omnisight.Messages;
using Omnisight.Transport.JsonFile;
using Omnisight.Transport.Shm;

namespace Omnisight.Sdk;

/// <summary>What an OmnisightReader handle stands for: one reader and the transport it came from.</summary>
internal abstract class ChannelReader : IAsyncDisposable
{
    private const int DefaultRawBytes = 1 << 20;
    private static readonly string[] Documents = ["stats", "status", "swarm", "plugins", "config"];
    private readonly IAsyncDisposable _transport;
    private ulong _leased;

    private protected ChannelReader(IReader bytes, IAsyncDisposable transport)
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
        var message = CText.ReadOptional(config.Message);
        var directory = Places.ForClient(CText.ReadOptional(config.RuntimeDir), instance);
        var scheme = CText.Read(config.Transport, Documents.Contains(name.Value) || name.Value.StartsWith("proc-", StringComparison.Ordinal) ? "jsonfile" : "shm");
        int[] trusted = config.TrustedUid != 0 ? [(int)config.TrustedUid] : [];
        if (config.Mode > 1)
        {
            throw new BadArgumentException($"mode is {config.Mode}; it must be OMNISIGHT_MODE_SAFE or OMNISIGHT_MODE_MAP");
        }

        ITransport transport = scheme switch
        {
            "shm" => new ShmTransport(new NativeContext("Transport.Shm", instance, directory, new ShmOptions { ReadMode = config.Mode == 1 ? "map" : "safe", TrustedUids = trusted })),
            "jsonfile" => new JsonFileTransport(new NativeContext("Transport.JsonFile", instance, directory, new JsonFileOptions { TrustedUids = trusted })),
            _ => throw new BadArgumentException($"transport '{scheme}' is not shm or jsonfile"),
        };
        try
        {
            return Open(transport, name, message, in config);
        }
        catch
        {
            _ = ((IAsyncDisposable)transport).DisposeAsync().AsTask();
            throw;
        }
    }

    /// <summary>Waits until there may be something new; false after the timeout.</summary>
    public bool Wait(TimeSpan timeout)
    {
        if (Bytes is IBlockingReader blocking)
        {
            return blocking.Wait(timeout);
        }

        using var cancel = new CancellationTokenSource(timeout);
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
        if (Bytes is not ILeasingReader leasing)
        {
            throw new BadArgumentException(ErrorCode.NotSupported, "only a reader with OMNISIGHT_MODE_MAP on shared memory can lease");
        }

        var status = leasing.TryLease(out var lease);
        if (lease.Payload.IsEmpty)
        {
            return status;
        }

        _leased = lease.Info.Sequence;
        payload = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(lease.Payload));
        length = (nuint)lease.Payload.Length;
        var sample = lease.Info;
        Fill(in sample, ref info);
        info.PayloadBytes = length;
        return status;
    }

    public bool IsLeaseValid() => Bytes is ILeasingReader leasing && leasing.ValidateLease(_leased);

    public async ValueTask DisposeAsync()
    {
        await Bytes.DisposeAsync().ConfigureAwait(false);
        await _transport.DisposeAsync().ConfigureAwait(false);
    }

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

    private static ChannelReader Open(ITransport transport, ChannelName name, string? message, in ReaderConfig config)
    {
        var formats = Formats.All;
        var format = formats.FirstOrDefault(f => message is null ? f.DefaultChannel.Name == name : f.Name == message);
        var spec = (format?.DefaultChannel ?? new ChannelSpec { Name = name, MessageId = message is null ? "" : message + "/1" }) with
        {
            Name = name,
            MaxPayloadBytes = config.MaxPayloadBytes != 0 ? (int)Math.Min(config.MaxPayloadBytes, int.MaxValue) : format?.DefaultChannel.MaxPayloadBytes ?? DefaultRawBytes,
        };
        if (config.PeriodMs != 0)
        {
            spec = spec with { Period = TimeSpan.FromMilliseconds(config.PeriodMs) };
        }

        var bytes = transport.OpenReader(spec);
        var owner = (IAsyncDisposable)transport;
        return format switch
        {
            DetectionCodec codec => new FrameReader<DetectionFrame, DetectedObject>(bytes, codec, owner),
            TrackCodec codec => new FrameReader<TrackFrame, TrackedObject>(bytes, codec, owner),
            TimelineCodec codec => new FrameReader<TimelineFrame, TimelineSnapshot>(bytes, codec, owner),
            _ => new RawReader(bytes, format, owner),
        };
    }
}
