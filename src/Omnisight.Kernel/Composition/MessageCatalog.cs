using System.Collections.Concurrent;

namespace Omnisight.Kernel.Composition;

/// <summary>The message formats of a node by name. Thread-safe.</summary>
internal sealed class MessageCatalog
{
    private readonly ConcurrentDictionary<string, Entry> _byName = new(StringComparer.Ordinal);

    public IReadOnlyList<IMessageFormat> All => [.. _byName.Values.OrderBy(m => m.Message.Name, StringComparer.Ordinal).Select(m => m.Shown)];

    /// <summary>The format of a message, by its name or its id with version; null when no plugin knows it.</summary>
    /// <param name="messageId">The name or id.</param>
    /// <param name="reader">The plugin that asks: its own format is given to it as it is.</param>
    public IMessageFormat? Find(string messageId, string? reader = null)
    {
        var slash = messageId.LastIndexOf('/');
        return _byName.GetValueOrDefault(slash > 0 ? messageId[..slash] : messageId) is not { } found ? null
            : found.Plugin == reader ? found.Message.Format
            : found.Shown;
    }

    /// <summary>The message whose default channel this is; null when none.</summary>
    public IMessageFormat? FindByChannel(string channel) => ByChannel(channel)?.Shown;

    /// <summary>The plugin that provides a message; null when none does.</summary>
    public string? Owner(string name) => _byName.GetValueOrDefault(name)?.Plugin;

    /// <summary>The message that has a channel for its default, and its plugin; null when none.</summary>
    public (string Message, string Plugin)? OwnerOfChannel(string channel) => ByChannel(channel) is { } found ? (found.Message.Name, found.Plugin) : null;

    /// <summary>Adds a format; false when another plugin provides its message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="plugin">Who provides it.</param>
    /// <param name="reloadable">It may be replaced: others must not hold on to the plugin's own object.</param>
    public bool TryAdd(ExportedMessage message, string plugin, bool reloadable = false) =>
        _byName.TryAdd(message.Name, new Entry(message, plugin, reloadable ? new ReloadableFormat(message) : message.Format));

    /// <summary>Puts what a plugin provides now in the place of what it provided, without a moment in which a message is unknown.</summary>
    public void Replace(string plugin, IReadOnlyList<ExportedMessage> messages)
    {
        foreach (var gone in _byName.Where(m => m.Value.Plugin == plugin && messages.All(n => n.Name != m.Key)))
        {
            _ = _byName.TryRemove(gone);
        }

        foreach (var message in messages)
        {
            if (_byName.GetValueOrDefault(message.Name) is { Shown: ReloadableFormat shown } there && there.Plugin == plugin)
            {
                shown.Replace(message);
                _byName[message.Name] = there with { Message = message };
            }
            else
            {
                _ = TryAdd(message, plugin, reloadable: true);
            }
        }
    }

    private Entry? ByChannel(string channel) => _byName.Values.FirstOrDefault(m => m.Message.DefaultChannel.Name.Value == channel);

    private sealed record Entry(ExportedMessage Message, string Plugin, IMessageFormat Shown);
}
