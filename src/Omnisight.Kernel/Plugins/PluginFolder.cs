namespace Omnisight.Kernel.Plugins;

/// <summary>A folder in the plugins directory: its manifest, or why it has none.</summary>
/// <param name="Path">The folder, absolute.</param>
/// <param name="Manifest">The manifest; null with a <paramref name="Problem"/>.</param>
/// <param name="Problem">What is wrong with the manifest; null when nothing is.</param>
public sealed record PluginFolder(string Path, PluginManifest? Manifest, string? Problem)
{
    /// <summary>The manifest's id, else the folder's name.</summary>
    public string Id => Manifest?.Id ?? System.IO.Path.GetFileName(Path);

    /// <summary>The plugin folders of a directory, by name; none when it does not exist. A folder without a manifest is listed with its problem. Two folders with one id: the second has a problem.</summary>
    public static IReadOnlyList<PluginFolder> Scan(string directory)
    {
        if (!Directory.Exists(directory))
        {
            return [];
        }

        var folders = new List<PluginFolder>();
        var ids = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var path in Directory.EnumerateDirectories(System.IO.Path.GetFullPath(directory)).Order(StringComparer.Ordinal))
        {
            if (System.IO.Path.GetFileName(path).StartsWith('.'))
            {
                continue;
            }

            folders.Add(Open(path, ids));
        }

        return folders;
    }

    private static PluginFolder Open(string path, Dictionary<string, string> ids)
    {
        try
        {
            var manifest = PluginManifest.Read(path);
            return ids.TryAdd(manifest.Id, path)
                ? new PluginFolder(path, manifest, null)
                : new PluginFolder(path, null, $"plugin id '{manifest.Id}' is also that of {ids[manifest.Id]}; remove one of the two folders");
        }
        catch (PluginManifestException e)
        {
            return new PluginFolder(path, null, e.Message);
        }
    }
}
