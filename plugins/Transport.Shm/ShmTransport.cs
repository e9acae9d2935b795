using System.Composition;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Omnisight.Transport.Shm;

/// <summary>
/// Latest channels in shared memory: one writer, any number of readers who open the region read-only. The bytes are in docs/protocol/shm.md.
/// </summary>
[ExportTransport("shm"), Shared]
public sealed class ShmTransport : IChannelDirectory, IAsyncDisposable
{
    private readonly IPluginContext _context;
    private readonly ShmOptions _options;
    private readonly Clock _clock;
    private readonly ILogger _logger;
    private readonly RegionTrust _trust;
    private readonly WaiterRegistry _waiters;
    private readonly Heartbeat _heartbeat;

    /// <summary>Made by the host, or by whoever embeds the transport.</summary>
    [ImportingConstructor]
    public ShmTransport(IPluginContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _context = context;
        _options = context.Options<ShmOptions>().Current;
        _clock = new Clock(context.Time);
        _logger = context.Loggers.CreateLogger(context.PluginId);
        _trust = new RegionTrust(_options.TrustedUids);
        _heartbeat = new Heartbeat(() => _waiters!.CheckHeld(), e => Log.BeatFailed(_logger, e));
        _waiters = new WaiterRegistry(_trust, _clock, _logger, _heartbeat.Start);
    }

    /// <inheritdoc/>
    public TransportTraits Traits => new()
    {
        Encoding = PayloadEncoding.Binary,
        Latest = true,

        // The newest version is each codec's own business; only the old fixed structs have to be asked for.
        PayloadVersion = _options.Protocol == 1 ? 1 : null,
    };

    /// <inheritdoc/>
    public IPublisher OpenPublisher(ChannelSpec channel)
    {
        var paths = PathsOf(channel);
        var header = Describe(channel);
        var publisher = ShmPublisher.Open(channel, paths, header, _options.NamedSemaphores, _clock, _logger, _heartbeat.Remove);
        try
        {
            _heartbeat.Add(publisher);
        }
        catch
        {
            // No thread to be had. It closes at once, on this thread.
            _ = publisher.DisposeAsync().AsTask();
            throw;
        }

        return publisher;
    }

    /// <inheritdoc/>
    public IReader OpenReader(ChannelSpec channel)
    {
        var paths = PathsOf(channel);
        var map = _options.ReadMode == "map" || _options.MapChannels.Contains(channel.Name.Value);
        var region = new RegionAttachment(paths.Region, _trust, channel.MessageId, map);
        return map
            ? new ShmLeasingReader(channel, region, _waiters, _clock, _logger, _options)
            : new ShmReader(channel, region, _waiters, _clock, _logger, _options);
    }

    /// <inheritdoc/>
    public IReadOnlyList<ChannelEntry> ListChannels() => RegionDirectory.List(_options.Directory, _context.Instance, _trust, _clock);

    /// <summary>Closes every publisher that is still open, and stops the heartbeat.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var publisher in _heartbeat.Publishers)
        {
            await publisher.DisposeAsync();
        }

        _heartbeat.Dispose();
    }

    private RegionPaths PathsOf(ChannelSpec channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        if (!OperatingSystem.IsLinux())
        {
            throw new TransportException(TransportError.NotSupported, "not_supported: shared memory channels need Linux; choose another transport for Channels:" + channel.Name + ":Transport");
        }

        if (channel.Delivery != Delivery.Latest)
        {
            throw new TransportException(
                TransportError.NotSupported, $"channel '{channel.Name}' is a stream; shared memory carries Latest channels only: set Channels:{channel.Name}:Transport to another, such as fifo");
        }

        return new RegionPaths(_options.Directory, _context.Instance, ChannelName.Parse(channel.ResourceName).Value);
    }

    private RegionHeader Describe(ChannelSpec channel)
    {
        if (channel.MaxPayloadBytes <= 0)
        {
            throw new TransportException(TransportError.NotSupported, $"channel '{channel.Name}' has no largest payload (MaxPayloadBytes is {channel.MaxPayloadBytes}); a region needs one");
        }

        if (channel.MaxPayloadBytes > RegionLayout.MaxPayloadCapacity)
        {
            throw new TransportException(TransportError.NotSupported, $"channel '{channel.Name}' has payloads of up to {channel.MaxPayloadBytes} bytes; a region carries at most {RegionLayout.MaxPayloadCapacity}: lower its Capacity");
        }

        if (Encoding.UTF8.GetByteCount(channel.MessageId) >= RegionLayout.MessageIdBytes)
        {
            throw new TransportException(TransportError.NotSupported, $"channel '{channel.Name}': the message id '{channel.MessageId}' has no room in a region; shorten it to less than {RegionLayout.MessageIdBytes} bytes");
        }

        var slots = Math.Clamp(_options.Slots, RegionLayout.MinSlots, RegionLayout.MaxSlots);
        var own = ProcessIdentity.Current;
        return new RegionHeader
        {
            RegionBytes = RegionLayout.RegionBytes(slots, channel.MaxPayloadBytes),
            HeaderBytes = RegionLayout.HeaderBytes,
            Slots = slots,
            SlotStride = (uint)RegionLayout.SlotStride(channel.MaxPayloadBytes),
            PayloadCapacity = channel.MaxPayloadBytes,
            Channel = channel.ResourceName,
            Epoch = NewEpoch(),
            WriterPid = own.Pid,
            WriterStartTicks = own.StartTicks,
            PidNamespace = own.PidNamespace,
            CreatedMs = (ulong)_context.Time.GetUtcNow().ToUnixTimeMilliseconds(),
            PeriodMs = (uint)channel.Period.TotalMilliseconds,
            Capacity = (uint)channel.Capacity,
            MessageId = channel.MessageId,
            RuntimeDirectory = _context.RuntimeDirectory,
        };
    }

    /// <summary>Random, so that two starts never share one; below 2^53, so that it survives JSON; never 0, which means none.</summary>
    private static ulong NewEpoch()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return (BitConverter.ToUInt64(bytes) >> 11) | 1;
    }
}
