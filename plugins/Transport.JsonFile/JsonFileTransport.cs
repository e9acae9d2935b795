using System.Composition;
using Microsoft.Extensions.Logging;
using Omnisight.Transport.Files;

namespace Omnisight.Transport.JsonFile;

/// <summary>
/// Latest channels as JSON files that are replaced whole (protocol section 4): a reader, or <c>cat</c>, sees the old
/// document or the new one, never a part.
/// </summary>
[ExportTransport("jsonfile")]
[Shared]
public sealed class JsonFileTransport : IChannelDirectory, IAsyncDisposable
{
    private readonly IPluginContext _context;
    private readonly ILiveOptions<JsonFileOptions> _options;
    private readonly ILogger _logger;
    private readonly JsonFileListing _listing;
    private readonly PollLoop _loop;
    private readonly Lazy<DirectoryWatch> _watch;
    private readonly Lazy<uint?> _directoryOwner;
    private int _leftoversRemoved;

    /// <summary>Makes the transport; nothing is opened yet.</summary>
    [ImportingConstructor]
    public JsonFileTransport(IPluginContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _context = context;
        _options = context.Options<JsonFileOptions>();
        _logger = context.Loggers.CreateLogger(context.PluginId);
        _listing = new JsonFileListing(context.RuntimeDirectory, context.Instance);
        _loop = new PollLoop("omnisight-json", _logger);
        _watch = new Lazy<DirectoryWatch>(() => new DirectoryWatch(_context.RuntimeDirectory, _loop, _logger));
        _directoryOwner = new Lazy<uint?>(FindDirectoryOwner);
    }

    /// <inheritdoc/>
    public TransportTraits Traits { get; } = new() { Encoding = PayloadEncoding.Json, Latest = true };

    /// <inheritdoc/>
    public IPublisher OpenPublisher(ChannelSpec channel)
    {
        var paths = PathsOf(channel);
        if (Interlocked.Exchange(ref _leftoversRemoved, 1) == 0)
        {
            Leftovers.RemoveDocuments(_context.RuntimeDirectory, _context.Instance, _logger);
        }

        var writerLock = OwnerLock.TryTake(paths.Lock, paths.What, out var owner)
            ?? throw new TransportException(TransportError.InUse, $"{paths.What} already has a publisher (pid {owner.Pid}); stop it or choose another Omnisight:Instance");
        try
        {
            return new JsonFilePublisher(channel, paths, _options, _context.Time, _logger, writerLock);
        }
        catch
        {
            writerLock.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IReader OpenReader(ChannelSpec channel) =>
        new JsonFileReader(channel, PathsOf(channel), _options, Trusts, _options.Current.Notify ? _watch.Value : null, _loop, _context.Time, _logger);

    /// <inheritdoc/>
    public IReadOnlyList<ChannelEntry> ListChannels() => _listing.List(_options.Current.MaxDocumentBytes);

    /// <summary>Stops the thread and closes what is shared. Open ends get no more wakes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _loop.DisposeAsync();
        if (_watch.IsValueCreated)
        {
            _watch.Value.Dispose();
        }
    }

    private DocumentPaths PathsOf(ChannelSpec channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        if (!OperatingSystem.IsLinux())
        {
            throw new TransportException(TransportError.NotSupported, $"{_context.PluginId} is not_supported on this system: it needs Linux");
        }

        return channel.Delivery == Delivery.Latest
            ? new DocumentPaths(_context.RuntimeDirectory, _context.Instance, channel)
            : throw new TransportException(TransportError.NotSupported, $"channel '{channel.Name}' is a Stream: a JSON file keeps the newest value only; choose another transport for it");
    }

    private bool Trusts(uint uid) =>
        uid == UnixFile.EffectiveUser || uid == 0 || uid == _directoryOwner.Value || _options.Current.TrustedUids.Contains((int)uid);

    /// <summary>Who owns the directory rules what is in it anyway, unless everyone may write there.</summary>
    private uint? FindDirectoryOwner() =>
        FileStatus.TryAt(new NativePath(_context.RuntimeDirectory), out var directory) && (directory.Mode & 2) == 0 ? directory.Uid : null;
}
