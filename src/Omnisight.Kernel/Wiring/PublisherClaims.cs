using Omnisight.Kernel.Configuration;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel.Wiring;

/// <summary>Who publishes which channel: the configured plugin, else the one loaded module that offers it.</summary>
internal static class PublisherClaims
{
    /// <exception cref="NodeStartException">Two modules offer one channel, or the configured publisher does not offer it.</exception>
    public static IReadOnlyDictionary<string, PublisherClaim> Resolve(IEnumerable<Plugin> plugins, NodeConfiguration configuration)
    {
        var offers = plugins.Where(p => p.IsLoaded)
            .SelectMany(p => p.Parts!.Modules.SelectMany(m => m.Publishes.Select(c => (Channel: c.Value, Claim: new PublisherClaim(p, m.Name)))))
            .ToLookup(o => o.Channel, o => o.Claim, StringComparer.Ordinal);
        var claims = new Dictionary<string, PublisherClaim>(StringComparer.Ordinal);
        foreach (var offer in offers)
        {
            var candidates = offer.ToList();
            if (configuration.Channels.GetValueOrDefault(offer.Key)?.Publisher is { } chosen)
            {
                candidates = candidates.FindAll(c => c.IsNamed(chosen));
                if (candidates.Count == 0)
                {
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
}

/// <summary>A module that offers a channel.</summary>
internal sealed record PublisherClaim(Plugin Plugin, string Module)
{
    /// <summary>True when configuration means it: by plugin id, alias, or plugin/module.</summary>
    public bool IsNamed(string name) =>
        name == Plugin.Id || name == ToString() || Plugin.Manifest!.Aliases.Contains(name, StringComparer.OrdinalIgnoreCase);

    public override string ToString() => Plugin.Parts is { Modules.Count: > 1 } ? $"{Plugin.Id}/{Module}" : Plugin.Id;
}
