namespace Omnisight.Kernel.Plugins;

/// <summary>The order in which plugins are loaded: whoever is required comes first, else as configured.</summary>
internal static class PluginOrder
{
    /// <exception cref="NodeStartException">Plugins require each other in a circle; the message prints it.</exception>
    public static IReadOnlyList<PluginFolder> Sort(IReadOnlyList<PluginFolder> chosen)
    {
        var sorted = new List<PluginFolder>(chosen.Count);
        var done = new HashSet<string>(StringComparer.Ordinal);
        var path = new List<string>();
        foreach (var folder in chosen)
        {
            Visit(folder);
        }

        return sorted;

        void Visit(PluginFolder folder)
        {
            if (done.Contains(folder.Id))
            {
                return;
            }

            var start = path.IndexOf(folder.Id);
            if (start >= 0)
            {
                throw new NodeStartException(
                    ExitCodes.Configuration,
                    $"plugins require each other in a circle: {string.Join('→', path.Skip(start).Append(folder.Id))}; take one 'requires' out of its plugin.json, or one plugin out of Plugins:Use");
            }

            path.Add(folder.Id);
            foreach (var requirement in folder.Manifest!.Requires)
            {
                if (chosen.FirstOrDefault(c => Provides(c.Manifest!, requirement)) is { } needed && (needed.Id != folder.Id || requirement == folder.Id))
                {
                    Visit(needed);
                }
            }

            path.RemoveAt(path.Count - 1);
            done.Add(folder.Id);
            sorted.Add(folder);
        }
    }

    /// <summary>True when the plugin is, or provides, what is required: a plugin's id, or <c>transport:shm</c>, <c>message:acme.lidar</c>, ...</summary>
    public static bool Provides(PluginManifest manifest, string requirement) =>
        manifest.Id == requirement || manifest.Provides.Contains(requirement, StringComparer.Ordinal);
}
