using System.Runtime.ExceptionServices;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel.Wiring;

/// <summary>
/// The publishers of a process, one for each channel it owns. They are opened before any module runs, survive the modules that
/// use them, and are closed last.
/// </summary>
internal sealed class PublisherTable : IAsyncDisposable
{
    /// <summary>What one may take to close; the others' turn comes within the limit of all.</summary>
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, (IPublisher Publisher, PublisherClaim? Claim)> _open = new(StringComparer.Ordinal);

    /// <summary>All that are open, by channel.</summary>
    public IEnumerable<IPublisher> All => _open.Values.Select(p => p.Publisher);

    /// <summary>Opens a publisher; without a claim it is the kernel's own.</summary>
    /// <exception cref="NodeStartException">With the exit code of what is in the way.</exception>
    public IPublisher Open(ChannelPlan plan, PublisherClaim? claim)
    {
        try
        {
            var publisher = plan.Transport.OpenPublisher(plan.Spec);
            _open.Add(plan.Spec.Name.Value, (publisher, claim));
            return publisher;
        }
        catch (TransportException e)
        {
            throw new NodeStartException(ExitCodes.Of(e.Error), e.Message, e);
        }
        catch (Exception e) when (e is not NodeStartException)
        {
            throw new NodeStartException(ExitCodes.Configuration, $"channel '{plan.Spec.Name}' can't be opened on transport '{plan.Scheme}': {e.Message}", e);
        }
    }

    /// <summary>The publisher of a channel, if it is this module's to publish.</summary>
    public IPublisher? Find(string channel, Plugin plugin, string module) =>
        _open.TryGetValue(channel, out var found) && found.Claim is { } claim && claim.Plugin == plugin && claim.Module == module ? found.Publisher : null;

    /// <summary>The plugin that publishes a channel; null when it is the kernel's or not open.</summary>
    public string? OwnerOf(string channel) => _open.TryGetValue(channel, out var found) ? found.Claim?.ToString() : null;

    public async ValueTask DisposeAsync()
    {
        Exception? first = null;
        foreach (var (publisher, _) in _open.Values.Reverse())
        {
            try
            {
                // A transport's code, that may block instead of awaiting.
                await Task.Run(async () => await publisher.DisposeAsync()).WaitAsync(CloseLimit);
            }
            catch (Exception e)
            {
                // The others must be closed all the same: readers tell a closed channel from a dead one.
                first ??= e;
            }
        }

        _open.Clear();
        if (first is not null)
        {
            ExceptionDispatchInfo.Throw(first);
        }
    }
}
