using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel.Configuration;

/// <summary>Checks that what a channel's settings name exists: a publisher among the plugins of the directory, a transport that one of them provides.</summary>
internal static class ChannelReferences
{
    private const string Transport = "transport:";

    /// <summary>Adds an error for each name that nothing has. The built-in defaults name plugins that need not be there.</summary>
    public static void Check(IEnumerable<ConfigEntry> entries, IReadOnlyList<PluginFolder> folders, List<ConfigError> errors)
    {
        if (folders.Count == 0)
        {
            return;
        }

        List<string> publishers = [.. folders.SelectMany(f => (f.Manifest?.Aliases ?? []).Prepend(f.Id))];
        List<string> transports = [.. folders.SelectMany(f => f.Manifest?.Provides ?? []).Where(p => p.StartsWith(Transport, StringComparison.Ordinal)).Select(p => p[Transport.Length..])];

        // A folder whose manifest can't be read may provide any transport.
        var transportsAreKnown = folders.All(f => f.Manifest is not null);
        foreach (var entry in entries.Where(e => e.Source.Layer != ConfigLayer.Default && e.Key.StartsWith("Channels:", StringComparison.Ordinal)))
        {
            var name = entry.Value.ToString();
            if (entry.Option.Name == "Publisher" && !publishers.Contains(name.Split('/')[0], StringComparer.OrdinalIgnoreCase))
            {
                errors.Add(new ConfigError("bad_value", entry.Key, $"there is no plugin '{name}'{Suggestion.For(name, publishers)}", entry.Source.Place));
            }
            else if (entry.Option.Name == "Transport" && transportsAreKnown && !transports.Contains(name, StringComparer.Ordinal))
            {
                errors.Add(new ConfigError("bad_value", entry.Key, $"no plugin provides a transport '{name}'{Suggestion.For(name, transports)}", entry.Source.Place));
            }
        }
    }
}
