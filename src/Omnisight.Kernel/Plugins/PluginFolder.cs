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

        var folders = Directory.EnumerateDirectories(System.IO.Path.GetFullPath(directory))
            .Where(p => !System.IO.Path.GetFileName(p).StartsWith('.')).Order(StringComparer.Ordinal).Select(Open).ToList();

        // The folder that is named after the id is the plugin; what else has the id is a copy somebody left there.
        var ids = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var folder in folders.Where(f => f.Manifest is not null).OrderBy(f => f.Id == System.IO.Path.GetFileName(f.Path) ? 0 : 1))
        {
            _ = ids.TryAdd(folder.Id, folder.Path);
        }

        return [.. folders.Select(f => f.Manifest is null || ids[f.Id] == f.Path
            ? f
            : new PluginFolder(f.Path, null, $"plugin id '{f.Id}' is also that of {ids[f.Id]}; remove one of the two folders"))];
    }

    private static PluginFolder Open(string path)
    {
        try
        {
            return new PluginFolder(path, PluginManifest.Read(path), null);
        }
        catch (Exception e)
        {
            // Whatever a manifest holds, it is the trouble of its own folder: every verb and every node reads them all.
            return new PluginFolder(path, null, e is PluginManifestException ? e.Message : $"{System.IO.Path.Combine(path, PluginManifest.FileName)} can't be read: {e.GetType().Name}: {e.Message}");
        }
    }
}
