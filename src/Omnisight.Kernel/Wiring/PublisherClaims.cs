using Omnisight.Kernel.Configuration;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel.Wiring;

/// <summary>Who publishes which channel: the configured plugin, else the one loaded module that offers it.</summary>
internal static class PublisherClaims
{
    /// <exception cref="NodeStartException">Two modules offer one channel, the configured publisher has no such module, or a channel is the kernel's own.</exception>
    public static IReadOnlyDictionary<string, PublisherClaim> Resolve(IEnumerable<Plugin> plugins, NodeConfiguration configuration)
    {
        var offers = plugins.Where(p => p.IsLoaded)
            .SelectMany(p => p.Parts!.Modules.SelectMany(m => m.Publishes.Select(c => (Channel: c.Value, Claim: new PublisherClaim(p, m.Name)))))
            .ToLookup(o => o.Channel, o => o.Claim, StringComparer.Ordinal);
        var claims = new Dictionary<string, PublisherClaim>(StringComparer.Ordinal);
        foreach (var offer in offers)
        {
            var candidates = offer.ToList();
            if (KernelDocuments.IsOwn(offer.Key))
            {
                throw new NodeStartException(
                    ExitCodes.Configuration, $"plugin '{candidates[0].Plugin.Id}' offers channel '{offer.Key}', which is the kernel's own; the plugin needs another name for its channel, or take it out of Plugins:Use");
            }

            if (configuration.Channels.GetValueOrDefault(offer.Key)?.Publisher is { } chosen)
            {
                var all = candidates;
                candidates = candidates.FindAll(c => c.IsNamed(chosen));
                if (candidates.Count == 0)
                {
                    RefuseUnknownModule(offer.Key, chosen, all);

                    // The publisher may run in another process; here nobody is it.
                    continue;
                }
            }

            if (candidates.Count > 1)
            {
                throw new NodeStartException(
                    ExitCodes.Configuration,
                    $"channel '{offer.Key}' is offered by {string.Join(" and ", candidates.Select(c => $"'{c}'"))}; set Channels:{offer.Key}:Publisher to one of them, or use one of them only");
            }

            claims[offer.Key] = candidates[0];
        }

        return claims;
    }

    /// <summary>The plugin is meant, and it has no such module.</summary>
    private static void RefuseUnknownModule(string channel, string chosen, List<PublisherClaim> offers)
    {
        if (chosen.Split('/') is [var plugin, _] && offers.FindAll(o => o.IsPlugin(plugin)) is { Count: > 0 } own)
        {
            throw new NodeStartException(
                ExitCodes.Configuration, $"Channels:{channel}:Publisher is '{chosen}', but plugin '{plugin}' offers the channel by {string.Join(" and ", own.Select(o => $"'{o.Module}'"))}");
        }
    }
}

/// <summary>A module that offers a channel.</summary>
internal sealed record PublisherClaim(Plugin Plugin, string Module)
{
    /// <summary>True when configuration means it: by plugin id, alias, or plugin/module.</summary>
    public bool IsNamed(string name) =>
        IsPlugin(name) || (name.Split('/') is [var plugin, var module] && IsPlugin(plugin) && module == Module);

    /// <summary>True when this is its plugin's id or alias.</summary>
    public bool IsPlugin(string name) =>
        string.Equals(name, Plugin.Id, StringComparison.OrdinalIgnoreCase) || Plugin.Manifest!.Aliases.Contains(name, StringComparer.OrdinalIgnoreCase);

    public override string ToString() => Plugin.Parts is { Modules.Count: > 1 } ? $"{Plugin.Id}/{Module}" : Plugin.Id;
}
