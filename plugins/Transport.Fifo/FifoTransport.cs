using System.Composition;
using Microsoft.Extensions.Logging;
using Omnisight.Transport.Files;

namespace Omnisight.Transport.Fifo;

/// <summary>
/// Channels over named pipes, newline-delimited JSON (protocol section 3): Stream channels with many writers, Latest channels to
/// one reader, and an inbox of its own for each client that wants one. One thread waits for all of them.
/// </summary>
[ExportTransport("fifo")]
[Shared]
public sealed class FifoTransport : IInboxTransport, IChannelDirectory, IAsyncDisposable
{
    /// <summary>PIPE_BUF: up to here a write is whole or not at all.</summary>
    internal const int PipeBuf = 4096;

    private const uint SharedMode = 0x190, OwnMode = 0x1A0, InboxMode = 0x180, GroupInboxMode = 0x190, InboxDirectoryMode = 0x7F8;

    private readonly IPluginContext _context;
    private readonly ILiveOptions<FifoOptions> _options;
    private readonly ILogger _logger;
    private readonly LogThrottle _throttle;
    private readonly PollLoop _loop;
    private readonly InboxSweep _sweep;
    private readonly Lazy<InboxSender> _sender;
    private readonly Lazy<uint?> _group;
    private readonly Lazy<uint?> _directoryOwner;
    private LastInbox? _lastInbox;
    private int _sweeping;

    /// <summary>Makes the transport; nothing is opened yet.</summary>
    [ImportingConstructor]
    public FifoTransport(IPluginContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _context = context;
        _options = context.Options<FifoOptions>();
        _logger = context.Loggers.CreateLogger(context.PluginId);
        _throttle = new LogThrottle(context.Time);
        _loop = new PollLoop("omnisight-fifo", _logger);
        _sweep = new InboxSweep(_options, _logger);
        _sender = new Lazy<InboxSender>(() => new InboxSender(_loop, context.Time));
        _group = new Lazy<uint?>(FindGroup);
        _directoryOwner = new Lazy<uint?>(FindDirectoryOwner);
    }

    /// <inheritdoc/>
    public TransportTraits Traits { get; } = new() { Encoding = PayloadEncoding.Json, Latest = true, Stream = true, MaxReaders = 1 };

    /// <inheritdoc/>
    public IPublisher OpenPublisher(ChannelSpec channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        RequireLinux();
        var file = FileOf(channel);
        MakeInboxDirectory(channel);
        var writerLock = HasManyWriters(channel)
            ? null
            : OwnerLock.TryTake(LockPath(channel, WriterEnd(channel)), file.What, out var owner)
                ?? throw new TransportException(TransportError.InUse, $"{file.What} already has a publisher (pid {owner.Pid}); stop it or choose another Omnisight:Instance");
        try
        {
            return new FifoPublisher(channel, file, LineLimit(channel), MadeByPublisher(channel, file), _loop, _context.Time, _logger, _throttle, writerLock);
        }
        catch
        {
            writerLock?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IReader OpenReader(ChannelSpec channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        RequireLinux();
        var file = FileOf(channel);
        var readerLock = OwnerLock.TryTake(LockPath(channel, "reader"), file.What, out var owner);
        if (readerLock is null && !_options.Current.Steal)
        {
            throw new TransportException(TransportError.InUse,
                $"{file.What} already has a reader (pid {owner.Pid}), and a second one would take lines away from it; stop it first");
        }

        try
        {
            return new FifoReader(channel, file, LineLimit(channel), _options, _loop, _context.Time, _logger, _throttle, readerLock, LockPath(channel, WriterEnd(channel)), steals: readerLock is null);
        }
        catch
        {
            readerLock?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IInbox OpenInbox(ChannelSpec channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        RequireLinux();
        Sweep(channel);
        var address = InboxAddress.New();
        return new FifoInbox(address, channel, InboxFile(channel, address), LineLimit(channel), _options, _loop, _context.Time, _logger, _throttle);
    }

    /// <inheritdoc/>
    public PublishResult Send(ChannelSpec channel, string address, ReadOnlySpan<byte> payload)
    {
        ArgumentNullException.ThrowIfNull(channel);
        if (!InboxAddress.IsValid(address))
        {
            return PublishResult.Failed;
        }

        if (_lastInbox is not { } last || last.Address != address || !ReferenceEquals(last.Channel, channel))
        {
            Sweep(channel);
            _lastInbox = last = new LastInbox(channel, address, InboxFile(channel, address));
        }

        return _sender.Value.Send(last.File, payload, LineLimit(channel));
    }

    /// <inheritdoc/>
    public IReadOnlyList<ChannelEntry> ListChannels() => FifoListing.List(_context.RuntimeDirectory, _context.Instance);

    /// <summary>Stops the thread and closes what is shared. Open ends get no more wakes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_sender.IsValueCreated)
        {
            _sender.Value.Dispose();
        }

        await _loop.DisposeAsync();
    }

    private static bool HasManyWriters(ChannelSpec channel) =>
        channel.Delivery == Delivery.Stream && channel.MaxPayloadBytes < PipeBuf;

    private int LineLimit(ChannelSpec channel) =>
        channel.Delivery == Delivery.Latest ? _options.Current.MaxLineBytes
        : channel.MaxPayloadBytes == 0 ? PipeBuf
        : Math.Min(channel.MaxPayloadBytes + 1, _options.Current.MaxLineBytes);

    private FifoFile FileOf(ChannelSpec channel) =>
        new(PathOf(channel), $"channel '{channel.Name}'", HasManyWriters(channel) ? SharedMode : OwnMode, _group.Value, Trusts, _logger, _throttle);

    private FifoFile InboxFile(ChannelSpec channel, string address) =>
        new(Path.Combine(InboxDirectory(channel), $"{_context.Instance}_{channel.ResourceName}.{address}"), $"inbox '{address}' of channel '{channel.Name}'", _group.Value is null ? InboxMode : GroupInboxMode, _group.Value, TrustsInbox, _logger, _throttle);

    private string PathOf(ChannelSpec channel) => Path.Combine(_context.RuntimeDirectory, $"{_context.Instance}_{channel.ResourceName}");

    /// <summary>Users of a group can't make files in the runtime directory: they have one beside it, sticky and set-gid, that the core makes.</summary>
    private string InboxDirectory(ChannelSpec channel) => _group.Value is null ? _context.RuntimeDirectory : PathOf(channel) + ".d";

    private void MakeInboxDirectory(ChannelSpec channel)
    {
        if (_group.Value is not { } group || HasManyWriters(channel) || channel.Delivery == Delivery.Latest)
        {
            return;
        }

        var path = new NativePath(InboxDirectory(channel));
        if (!FileStatus.TryAt(path, out var there))
        {
            Directory.CreateDirectory(path.Text, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        else if (there.Kind != FileKind.Directory || there.Uid != UnixFile.EffectiveUser)
        {
            throw new TransportException(TransportError.Unsafe, $"channel '{channel.Name}': refusing {path}: a {there.Kind} owned by uid {there.Uid}; remove it");
        }

        var errno = UnixFile.SetAccess(path, InboxDirectoryMode, group);
        if (errno != 0)
        {
            throw new TransportException(Errno.ToTransportError(errno), $"channel '{channel.Name}': can't give {path} to group {group} as uid {UnixFile.EffectiveUser}: {Errno.Describe(errno)}");
        }
    }

    /// <summary>Two names, so that who finds the lock knows what its FIFO carries.</summary>
    private static string WriterEnd(ChannelSpec channel) => channel.Delivery == Delivery.Latest ? "writer" : "sender";

    private string LockPath(ChannelSpec channel, string end) =>
        Path.Combine(_context.RuntimeDirectory, $".{_context.Instance}_{channel.ResourceName}.{end}.lock");

    /// <summary>A channel with one writer has its FIFO from the writer too, so that <c>cat</c> finds one; never under a reader's feet.</summary>
    private (Action Make, Action Remove) MadeByPublisher(ChannelSpec channel, FifoFile file)
    {
        if (HasManyWriters(channel))
        {
            return (() => { }, () => { });
        }

        var path = LockPath(channel, "reader");
        return (() =>
        {
            if (FileStatus.TryAt(file.Path, out var there) && there.Kind == FileKind.Fifo)
            {
                file.MakeIfAbsent();
                return;
            }

            using var taken = OwnerLock.TryTake(path, file.What, out _);
            if (taken is not null)
            {
                file.MakeIfAbsent();
            }
        },
        () =>
        {
            using var taken = OwnerLock.TryTake(path, file.What, out _);
            if (taken is not null && FileStatus.TryAt(file.Path, out var there) && there.Kind == FileKind.Fifo && there.Uid == UnixFile.EffectiveUser)
            {
                file.Remove(there);
            }
        }
        );
    }

    private void Sweep(ChannelSpec channel)
    {
        if (Interlocked.Exchange(ref _sweeping, 1) == 0)
        {
            _loop.Add(_sweep);
        }

        _sweep.Include(InboxDirectory(channel), $"{_context.Instance}_{channel.ResourceName}.");
    }

    private bool Trusts(FileStatus file) =>
        file.Uid == UnixFile.EffectiveUser || file.Uid == 0 || file.Uid == _directoryOwner.Value || _options.Current.TrustedUids.Contains((int)file.Uid);

    /// <summary>Only members of the group can make something in the directory of inboxes.</summary>
    private bool TrustsInbox(FileStatus file) => Trusts(file) || (_group.Value is { } group && file.Gid == group);

    private uint? FindGroup() => _options.Current.Group is not { Length: > 0 } name ? null
        : UnixFile.FindGroup(name) ?? throw new TransportException(TransportError.NotSupported, $"{_context.PluginId}:Group: there is no group '{name}' on this machine");

    /// <summary>Who owns the directory rules what is in it anyway, unless everyone may write there.</summary>
    private uint? FindDirectoryOwner() =>
        FileStatus.TryAt(new NativePath(_context.RuntimeDirectory), out var directory) && (directory.Mode & 2) == 0 ? directory.Uid : null;

    private void RequireLinux()
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new TransportException(TransportError.NotSupported, $"{_context.PluginId} is not_supported on this system: it needs Linux");
        }
    }

    /// <summary>Where the last message went: a client that asks again and again is answered without its path being made anew.</summary>
    private sealed record LastInbox(ChannelSpec Channel, string Address, FifoFile File);
}
