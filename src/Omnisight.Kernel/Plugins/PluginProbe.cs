using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Omnisight.Kernel.Plugins;

/// <summary>
/// Looks at a plugin's files without loading any: is the contract ours, does it bring a copy of it, is everything there, and in a
/// version that fits, that its assemblies refer to. Each refusal names what is wrong.
/// </summary>
internal static class PluginProbe
{
    private static readonly Dictionary<string, string> HostAssemblies = (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).DistinctBy(Path.GetFileNameWithoutExtension, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(p => Path.GetFileNameWithoutExtension(p), StringComparer.OrdinalIgnoreCase);

    private static readonly ConcurrentDictionary<string, Version?> HostVersions = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The version in which the host has an assembly; null when it has none of that name.</summary>
    public static Version? HostVersion(string name) =>
        HostAssemblies.TryGetValue(name, out var path) ? HostVersions.GetOrAdd(name, static (_, p) => AssemblyName.GetAssemblyName(p).Version, path) : null;

    /// <exception cref="PluginRefusedException">The plugin can't work here; the message says why.</exception>
    public static void Check(PluginFolder folder, SharedAssemblies shared)
    {
        var manifest = folder.Manifest!;
        if (!manifest.Contract.Contains(ContractVersion.Current))
        {
            throw new PluginRefusedException(
                PluginState.NotSupported,
                $"it is built for contract {manifest.Contract}, this host has {ContractVersion.Current}; {(manifest.Contract.Minimum > ContractVersion.Current ? "update the host" : "update the plugin")}");
        }

        List<string> copies = [.. Directory.EnumerateFiles(folder.Path, "*.dll").Where(f => shared.IsContract(Path.GetFileNameWithoutExtension(f))).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
        if (copies.Count > 0)
        {
            throw new PluginRefusedException(
                PluginState.Faulted,
                $"its folder holds a copy of its own of {string.Join(", ", copies)}: delete it, and reference the contracts with ExcludeAssets=\"runtime\" (Private=\"false\"), or nothing it exports is recognised");
        }

        var entry = Path.Combine(folder.Path, manifest.Entry);
        if (!File.Exists(entry))
        {
            throw new PluginRefusedException(PluginState.Faulted, $"its entry assembly {entry} does not exist; build the plugin, or correct 'entry' in plugin.json");
        }

        CheckReferences(folder, entry, shared);
    }

    /// <summary>From the entry through everything in the folder that it leads to, as the loader would find it.</summary>
    private static void CheckReferences(PluginFolder folder, string entry, SharedAssemblies shared)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { Path.GetFileNameWithoutExtension(entry) };
        var left = new Queue<string>([entry]);
        var files = Assemblies(folder.Path);
        while (left.TryDequeue(out var file))
        {
            foreach (var reference in References(file))
            {
                var name = reference.Name!;
                if (shared.FindPayload(name) is { } payload)
                {
                    CheckPayloadVersion(folder, file, reference, payload);
                }
                else if (shared.IsHostsOwn(name) || !files.TryGetValue(name, out var own))
                {
                    CheckHost(file, reference, shared);
                }
                else if (seen.Add(name))
                {
                    left.Enqueue(own);
                }
            }
        }
    }

    private static void CheckPayloadVersion(PluginFolder folder, string file, AssemblyName reference, (Assembly Assembly, string Plugin) payload)
    {
        var there = payload.Assembly.GetName().Version!;
        var copy = Path.Combine(folder.Path, reference.Name + ".dll");
        var own = File.Exists(copy) && payload.Plugin != folder.Id ? AssemblyName.GetAssemblyName(copy).Version : null;
        if ((own is not null && own != there) || reference.Version!.Major != there.Major || reference.Version > there)
        {
            throw new PluginRefusedException(
                PluginState.Faulted,
                $"{Path.GetFileName(file)} needs {reference.Name} {own ?? reference.Version}, but '{payload.Plugin}' shares {there} with all plugins; build it against {there}");
        }
    }

    /// <summary>A reference that only the host can meet: by an assembly of that name, no older than what the plugin was built against.</summary>
    private static void CheckHost(string file, AssemblyName reference, SharedAssemblies shared)
    {
        var (name, needed) = (reference.Name!, reference.Version);
        var who = Path.GetFileName(file);
        var host = HostVersion(name) ?? AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(a => shared.IsHostsOwn(name) && a.GetName().Name == name)?.GetName().Version;
        if (host is null)
        {
            throw new PluginRefusedException(
                PluginState.Faulted,
                $"{who} needs {name} {needed}, which is neither in its folder nor the host's; publish the plugin with its dependencies (EnableDynamicLoading), or install the plugin that shares {name}");
        }

        if (needed > host)
        {
            throw new PluginRefusedException(
                PluginState.NotSupported,
                name is "System.Runtime" or "System.Private.CoreLib"
                    ? $"{who} is built for .NET {needed.Major}.{needed.Minor}, this host runs .NET {host.Major}.{host.Minor}; update the host, or build it for net{host.Major}.{host.Minor}"
                    : $"{who} is built against {name} {needed}, this host has {host} and all plugins use that one; update the host, or build it against {host}");
        }
    }

    /// <summary>The assemblies of a plugin's folder by name, where the loader looks for them: beside the entry, else under runtimes.</summary>
    private static Dictionary<string, string> Assemblies(string folder)
    {
        var runtimes = Path.Combine(folder, "runtimes");
        IEnumerable<string> files = Directory.EnumerateFiles(folder, "*.dll");
        if (Directory.Exists(runtimes))
        {
            files = files.Concat(Directory.EnumerateFiles(runtimes, "*.dll", SearchOption.AllDirectories));
        }

        var byName = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            _ = byName.TryAdd(Path.GetFileNameWithoutExtension(file), file);
        }

        return byName;
    }

    private static List<AssemblyName> References(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            using var image = new PEReader(stream);
            var metadata = image.GetMetadataReader();
            return [.. metadata.AssemblyReferences.Select(h => metadata.GetAssemblyReference(h).GetAssemblyName())];
        }
        catch (Exception e) when (e is BadImageFormatException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw new PluginRefusedException(PluginState.Faulted, $"{file} is not a .NET assembly: {e.Message}", e);
        }
    }
}
