namespace Omnisight.Kernel.Composition;

/// <summary>The message formats of a node by name. Thread-safe.</summary>
internal sealed class MessageCatalog
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (IMessageFormat Format, string Plugin)> _byName = new(StringComparer.Ordinal);

    public IReadOnlyList<IMessageFormat> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _byName.Values.Select(m => m.Format)];
            }
        }
    }

    /// <summary>The format of a message, by its name or its id with version; null when no plugin knows it.</summary>
    public IMessageFormat? Find(string messageId)
    {
        var slash = messageId.LastIndexOf('/');
        lock (_lock)
        {
            return _byName.TryGetValue(slash > 0 ? messageId[..slash] : messageId, out var found) ? found.Format : null;
        }
    }

    /// <summary>The message whose default channel this is; null when none.</summary>
    public IMessageFormat? FindByChannel(string channel)
    {
        lock (_lock)
        {
            return _byName.Values.Select(m => m.Format).FirstOrDefault(f => f.DefaultChannel.Name.Value == channel);
        }
    }

    /// <summary>The plugin that provides a message; null when none does.</summary>
    public string? Owner(string name)
    {
        lock (_lock)
        {
            return _byName.TryGetValue(name, out var found) ? found.Plugin : null;
        }
    }

    /// <summary>Adds a format; false when another plugin provides its message.</summary>
    public bool TryAdd(IMessageFormat format, string plugin)
    {
        lock (_lock)
        {
            return _byName.TryAdd(format.Name, (format, plugin));
        }
    }

    /// <summary>Forgets all that a plugin provided.</summary>
    public void Remove(string plugin)
    {
        lock (_lock)
        {
            foreach (var name in _byName.Where(m => m.Value.Plugin == plugin).Select(m => m.Key).ToList())
            {
                _byName.Remove(name);
            }
        }
    }
}
