using Omnisight.Kernel.Configuration;

namespace Omnisight.Kernel.Plugins;

/// <summary>What a plugin says of itself in <c>plugin.json</c>, read strictly: an unknown key is an error. Immutable.</summary>
public sealed record PluginManifest
{
    /// <summary>The file's name.</summary>
    public const string FileName = "plugin.json";

    /// <summary>The largest manifest that is read: the largest of ours has 30 KB.</summary>
    private const long MaxBytes = 4 << 20;

    /// <summary>The id, <c>[A-Za-z0-9.]{1,64}</c>: also the name of its configuration section.</summary>
    public required string Id { get; init; }

    /// <summary>The plugin's own version.</summary>
    public required string Version { get; init; }

    /// <summary>The contract versions it works with.</summary>
    public required ContractRange Contract { get; init; }

    /// <summary>Its assembly, a file name in the folder.</summary>
    public required string Entry { get; init; }

    /// <summary>What it does, in words.</summary>
    public string Description { get; init; } = "";

    /// <summary>Other names that CONFIG_UPDATE knows it by: perception, api.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>It can be unloaded and loaded again while the node runs.</summary>
    public bool Reloadable { get; init; }

    /// <summary><c>transport:shm</c>, <c>channel:detections</c>, <c>message:acme.lidar</c>, <c>module:simulator</c>.</summary>
    public IReadOnlyList<string> Provides { get; init; } = [];

    /// <summary>What must be provided by others, in the same words, or a plugin's id.</summary>
    public IReadOnlyList<string> Requires { get; init; } = [];

    /// <summary>Assemblies that the kernel loads once and shares with other plugins.</summary>
    public IReadOnlyList<string> SharedAssemblies { get; init; } = [];

    /// <summary>Its settings by name.</summary>
    public IReadOnlyDictionary<string, OptionSchema> Options { get; init; } = new Dictionary<string, OptionSchema>();

    /// <summary>SHA-256 (hex) of every file of the folder, by its path in it; written by the build. Empty = the build wrote none.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads the manifest of a plugin's folder.</summary>
    /// <exception cref="PluginManifestException">It is missing, unreadable or wrong; the message holds everything that is.</exception>
    public static PluginManifest Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        try
        {
            // Opening a pipe would wait for its writer.
            if (FileOwner.Of(file) is { IsFile: false })
            {
                throw new PluginManifestException($"{file} is no ordinary file; build or install the plugin again");
            }

            return new FileInfo(file).Length <= MaxBytes ? Parse(File.ReadAllBytes(file), file) : throw new PluginManifestException($"{file} has more than {MaxBytes >> 20} MB: not a manifest");
        }
        catch (FileNotFoundException)
        {
            throw new PluginManifestException($"{folder} has no {FileName}: not a plugin, or not built; build it, or remove the folder");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PluginManifestException($"{file} can't be read: {e.Message}", e);
        }
    }

    /// <summary>Parses a manifest.</summary>
    /// <param name="utf8">The document.</param>
    /// <param name="file">How messages name it.</param>
    /// <exception cref="PluginManifestException">It is wrong; the message holds everything that is.</exception>
    public static PluginManifest Parse(ReadOnlySpan<byte> utf8, string file = FileName) => new ManifestReader(file).Read(utf8);
}
