using System.Text.Json;
using Microsoft.Extensions.Logging;
using Omnisight.Kernel.Plugins;
using Omnisight.Kernel.Wiring;

namespace Omnisight.Kernel.Core;

/// <summary>Publishes the documents of a process: once a second, and at once when something they show changes.</summary>
internal sealed class DocumentLoop : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Channels come and go rarely, and asking every transport for them opens files.</summary>
    private const int ListingEvery = 10;

    private readonly NodeState _node;
    private readonly NodeChannels _channels;
    private readonly ChannelMeter _meter;
    private readonly SystemReadings _system;
    private readonly Dictionary<string, DocumentPublisher> _documents;
    private readonly HashSet<string> _listed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unpublished = new(StringComparer.Ordinal);
    private readonly ILogger _logger;
    private readonly LossLog _losses;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _change = new(0, 1);
    private IReadOnlyList<ChannelEntry> _listing = [];
    private Task _task = Task.CompletedTask;
    private int _ticks;
    private long _writeErrors;
    private volatile bool _configurationIsNew = true;

    public DocumentLoop(NodeState node, NodeChannels channels, ChannelMeter meter, IReadOnlyDictionary<string, IPublisher> publishers)
    {
        _node = node;
        _channels = channels;
        _meter = meter;
        _system = new SystemReadings(node.Settings.Time);
        _documents = publishers.ToDictionary(p => p.Key, p => new DocumentPublisher(p.Value), StringComparer.Ordinal);
        _logger = node.Settings.Loggers.CreateLogger("Omnisight.Core");
        _losses = new LossLog(channels.Publishers, _logger, node.Settings.Time);
    }

    /// <summary>Documents that could not be written since the start.</summary>
    public long WriteErrors => Volatile.Read(ref _writeErrors);

    public void Start() => _task = Task.Run(RunAsync);

    /// <summary>The configuration changed: its document, which is large, is published again too.</summary>
    public void ConfigurationChanged()
    {
        _configurationIsNew = true;
        Changed();
    }

    /// <summary>Something changed: publish soon. Any thread; many changes become one publication.</summary>
    public void Changed()
    {
        try
        {
            _change.Release();
        }
        catch (SemaphoreFullException)
        {
            // One is on its way already.
        }
        catch (ObjectDisposedException)
        {
            // The node is gone; what changed concerns nobody.
        }
    }

    /// <summary>Ends the loop with a last publication, so that readers see how the node ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _task;
        Publish(changed: true, tick: false);
        foreach (var document in _documents.Values)
        {
            document.Dispose();
        }

        _change.Dispose();
    }

    /// <summary>Waits for the second or for a change, whichever comes first; by tasks, since a timeout that throws costs more than all the documents.</summary>
    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Period, _node.Settings.Time);
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token);
        var tick = timer.WaitForNextTickAsync().AsTask();
        var change = _change.WaitAsync();
        Publish(changed: true, tick: true);
        while (true)
        {
            await Task.WhenAny(tick, change, stopped);
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            var (changed, ticked) = (change.IsCompleted, tick.IsCompleted);
            change = changed ? _change.WaitAsync() : change;
            tick = ticked ? timer.WaitForNextTickAsync().AsTask() : tick;
            Publish(changed, ticked);
        }
    }

    private void Publish(bool changed, bool tick)
    {
        // The second look finds what the first publication of each document made.
        if (tick && (_ticks++ % ListingEvery == 0 || _ticks == 2))
        {
            Guard("channels", () =>
            {
                _listing = _channels.List();
                FindRemoved();
            });
        }

        foreach (var (name, document) in _documents)
        {
            Guard(name, () => Publish(name, document, changed, tick));
        }

        if (tick)
        {
            _losses.Tell();
        }
    }

    /// <summary>A document that can't be made must not stop the others.</summary>
    private void Guard(string document, Action publish)
    {
        try
        {
            publish();
        }
        catch (Exception e)
        {
            _logger.DocumentFailed(document, e);
        }
    }

    private void Publish(string name, DocumentPublisher document, bool changed, bool tick)
    {
        switch (name)
        {
            case KernelDocuments.Stats when tick:
                Write(name, document, json => DocumentWriters.Stats(json, _node, _meter.Tick(), _system, WriteErrors));
                break;
            case KernelDocuments.Status:
                Write(name, document, json => DocumentWriters.Status(json, _node, _listing, !document.HasEnvelope));
                break;
            case KernelDocuments.Plugins when changed || _unpublished.Contains(name):
                Write(name, document, json => DocumentWriters.Plugins(json, _node));
                break;
            case KernelDocuments.Config when _configurationIsNew || _unpublished.Contains(name):
                _configurationIsNew = false;
                Write(name, document, json => _node.Settings.Configuration.WriteDocument(json, _node.NowMs));
                break;
            case var _ when name.StartsWith(KernelDocuments.ProcessPrefix, StringComparison.Ordinal):
                Write(name, document, json => DocumentWriters.Process(json, _node, tick ? _meter.Tick() : _meter.Readings, _system, !document.HasEnvelope));
                break;
        }
    }

    /// <summary>What could not be written is written at the next tick, whether it changed again or not.</summary>
    private void Write(string name, DocumentPublisher document, Action<Utf8JsonWriter> write)
    {
        _unpublished.Add(name);
        if (document.Publish(write) == PublishResult.Published)
        {
            _unpublished.Remove(name);
        }
        else
        {
            Interlocked.Increment(ref _writeErrors);
        }
    }

    /// <summary>A document that somebody removed is published again; those that are written all the time come back by themselves.</summary>
    private void FindRemoved()
    {
        foreach (var name in _documents.Keys)
        {
            if (_listing.Any(c => c.Name == name && c.State != ChannelListing.Absent))
            {
                _listed.Add(name);
            }
            else if (_listed.Remove(name))
            {
                _unpublished.Add(name);
            }
        }
    }
}
