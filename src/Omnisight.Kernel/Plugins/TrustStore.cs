using System.Text.Json;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Kernel.Plugins;

/// <summary>
/// The plugins that an operator trusts: the hash of every file, in <c>trusted.lock</c> (0600) in the plugins directory. With
/// <c>Plugins:RequireTrusted</c> only what is recorded here, file for file, is loaded.
/// </summary>
public sealed class TrustStore
{
    /// <summary>The lock file's name.</summary>
    public const string FileName = "trusted.lock";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly SortedDictionary<string, SortedDictionary<string, string>> _plugins = new(StringComparer.Ordinal);

    private TrustStore(string file) => File = file;

    /// <summary>The lock file.</summary>
    public string File { get; }

    /// <summary>The ids of the recorded plugins.</summary>
    public IReadOnlyCollection<string> Plugins => _plugins.Keys;

    /// <summary>Reads the lock file of a plugins directory; without one, nothing is trusted.</summary>
    /// <exception cref="PluginRefusedException">Others may read, write or replace the file, or it is damaged.</exception>
    public static TrustStore Open(string pluginsDirectory)
    {
        var store = new TrustStore(Path.Combine(pluginsDirectory, FileName));
        if (FileOwner.Of(store.File) is not { } file)
        {
            return store;
        }

        if (!file.IsFile || (file.Mode & ~Private) != 0)
        {
            throw new PluginRefusedException(PluginState.Untrusted, $"{store.File} is open to others than its owner; check it, then run: chmod 0600 {store.File}");
        }

        store.CheckOwner(file.User, store.File);
        store.CheckDirectory(pluginsDirectory);
        store.Read();
        return store;
    }

    /// <summary>Records a plugin's folder as it is now, and writes the lock file.</summary>
    /// <returns>How many files were recorded.</returns>
    /// <exception cref="PluginManifestException">The folder has no usable manifest.</exception>
    /// <exception cref="PluginRefusedException">The folder does not hold what its build recorded, or holds links.</exception>
    public int Trust(string folder)
    {
        var manifest = PluginManifest.Read(folder);
        CheckDirectory(Path.GetDirectoryName(File)!);
        if (FileHashes.DiffersFromBuild(folder, manifest.Files) is { } difference)
        {
            throw new PluginRefusedException(PluginState.Untrusted, $"{difference}: not what its build recorded in plugin.json; build or install the plugin again");
        }

        var hashes = FileHashes.OfFolder(folder);
        _plugins[manifest.Id] = hashes;
        Write();
        return hashes.Count;
    }

    /// <summary>Takes a plugin's record back; false when there is none.</summary>
    public bool Distrust(string id)
    {
        var removed = _plugins.Remove(id);
        if (removed)
        {
            Write();
        }

        return removed;
    }

    /// <summary>Why a folder is not trusted; null when it is.</summary>
    internal string? WhyNot(PluginFolder folder)
    {
        if (!_plugins.TryGetValue(folder.Id, out var recorded))
        {
            return $"Plugins:RequireTrusted is on and '{folder.Id}' is not recorded in {File}; check it, then run: omnisight plugins trust {folder.Path}";
        }

        var found = FileHashes.OfFolder(folder.Path);
        var difference = FileHashes.Differs(folder.Path, recorded)
            ?? (found.Keys.FirstOrDefault(f => !recorded.ContainsKey(f)) is { } extra ? $"{Path.Combine(folder.Path, extra)} was added" : null);
        return difference is null ? null : $"{difference}: not what {File} trusts; check it, then run: omnisight plugins trust {folder.Path}";
    }

    private void CheckOwner(uint user, string path)
    {
        if (user != FileOwner.EffectiveUser && user != 0)
        {
            throw new PluginRefusedException(PluginState.Untrusted, $"{path} belongs to uid {user}, not to uid {FileOwner.EffectiveUser} or root: what {File} trusts is not yours to rely on; check it, then make it yours: chown {FileOwner.EffectiveUser} {path}");
        }
    }

    /// <summary>Who may write to the directory may put another lock file, or another plugin, in the place of this one.</summary>
    private void CheckDirectory(string directory)
    {
        if (FileOwner.Of(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory))) is { IsDirectory: true } found)
        {
            CheckOwner(found.User, directory);
            if ((found.Mode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
            {
                throw new PluginRefusedException(PluginState.Untrusted, $"{directory} can be written by others than its owner, who could exchange {File}; check it, then run: chmod go-w {directory}");
            }
        }
    }

    private void Read()
    {
        try
        {
            using var document = JsonDocument.Parse(System.IO.File.ReadAllBytes(File));
            foreach (var plugin in document.RootElement.EnumerateObject())
            {
                _plugins[plugin.Name] = new(plugin.Value.EnumerateObject().ToDictionary(f => f.Name, f => f.Value.GetString() ?? ""), StringComparer.Ordinal);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new PluginRefusedException(PluginState.Untrusted, $"{File} is damaged ({e.Message}); remove it and trust the plugins again", e);
        }
    }

    /// <summary>Beside it, then over it: a lock file is the old one or the new one.</summary>
    private void Write()
    {
        var temporary = $"{File}.{Environment.ProcessId}.tmp";
        System.IO.File.Delete(temporary);
        using (var stream = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Private }))
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            foreach (var (id, files) in _plugins)
            {
                json.WriteStartObject(id);
                foreach (var (name, hash) in files)
                {
                    json.WriteString(name, hash);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        System.IO.File.Move(temporary, File, overwrite: true);
    }
}
