using System.Diagnostics.CodeAnalysis;

namespace Omnisight.Kernel.Composition;

/// <summary>The transports of a node by scheme. Thread-safe.</summary>
internal sealed class TransportCatalog
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (ITransport Transport, string Plugin)> _byScheme = new(StringComparer.Ordinal);

    /// <summary>All schemes, in alphabetical order.</summary>
    public IReadOnlyList<string> Schemes
    {
        get
        {
            lock (_lock)
            {
                return [.. _byScheme.Keys.Order(StringComparer.Ordinal)];
            }
        }
    }

    public IReadOnlyList<ITransport> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _byScheme.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => t.Value.Transport)];
            }
        }
    }

    public bool TryGet(string scheme, [NotNullWhen(true)] out ITransport? transport)
    {
        lock (_lock)
        {
            transport = _byScheme.TryGetValue(scheme, out var found) ? found.Transport : null;
            return transport is not null;
        }
    }

    /// <summary>The plugin that provides a scheme; null when none does.</summary>
    public string? Owner(string scheme)
    {
        lock (_lock)
        {
            return _byScheme.TryGetValue(scheme, out var found) ? found.Plugin : null;
        }
    }

    public void Add(string scheme, ITransport transport, string plugin)
    {
        lock (_lock)
        {
            _byScheme.Add(scheme, (transport, plugin));
        }
    }
}
