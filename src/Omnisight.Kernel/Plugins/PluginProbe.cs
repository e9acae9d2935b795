using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Omnisight.Kernel.Plugins;

/// <summary>
/// Looks at a plugin's files without loading any: is the contract ours, does it bring a copy of it, is everything there that
/// the entry assembly refers to. Each refusal names what is wrong.
/// </summary>
internal static class PluginProbe
{
    private static readonly HashSet<string> HostAssemblies = new(
        (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "").Split(Path.PathSeparator).Select(Path.GetFileNameWithoutExtension)!,
        StringComparer.OrdinalIgnoreCase);

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

    private static void CheckReferences(PluginFolder folder, string entry, SharedAssemblies shared)
    {
        foreach (var reference in References(entry))
        {
            var name = reference.Name!;
            if (shared.FindPayload(name) is { } payload)
            {
                CheckPayloadVersion(folder, entry, reference, payload);
            }
            else if (shared.IsContract(name))
            {
                CheckContractVersion(reference);
            }
            else if (!HostAssemblies.Contains(name) && !IsInFolder(folder.Path, name))
            {
                throw new PluginRefusedException(
                    PluginState.Faulted,
                    $"{Path.GetFileName(entry)} needs {name} {reference.Version}, which is neither in its folder nor the host's; publish the plugin with its dependencies (EnableDynamicLoading), or install the plugin that shares {name}");
            }
        }
    }

    private static void CheckPayloadVersion(PluginFolder folder, string entry, AssemblyName reference, (Assembly Assembly, string Plugin) payload)
    {
        var there = payload.Assembly.GetName().Version!;
        var copy = Path.Combine(folder.Path, reference.Name + ".dll");
        var own = File.Exists(copy) && payload.Plugin != folder.Id ? AssemblyName.GetAssemblyName(copy).Version : null;
        if ((own is not null && own != there) || reference.Version!.Major != there.Major || reference.Version > there)
        {
            throw new PluginRefusedException(
                PluginState.Faulted,
                $"{Path.GetFileName(entry)} needs {reference.Name} {own ?? reference.Version}, but '{payload.Plugin}' shares {there} with all plugins; build it against {there}");
        }
    }

    private static void CheckContractVersion(AssemblyName reference)
    {
        var host = AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(a => a.GetName().Name == reference.Name)?.GetName().Version;
        if (host is not null && reference.Version > host)
        {
            throw new PluginRefusedException(
                PluginState.NotSupported, $"it is built against {reference.Name} {reference.Version}, this host has {host}; update the host, or build it against {host}");
        }
    }

    private static bool IsInFolder(string folder, string name) =>
        File.Exists(Path.Combine(folder, name + ".dll")) ||
        (Directory.Exists(Path.Combine(folder, "runtimes")) && Directory.EnumerateFiles(Path.Combine(folder, "runtimes"), name + ".dll", SearchOption.AllDirectories).Any());

    private static List<AssemblyName> References(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            using var image = new PEReader(stream);
            var metadata = image.GetMetadataReader();
            return [.. metadata.AssemblyReferences.Select(h => metadata.GetAssemblyReference(h).GetAssemblyName())];
        }
        catch (Exception e) when (e is BadImageFormatException or InvalidOperationException)
        {
            throw new PluginRefusedException(PluginState.Faulted, $"{file} is not a .NET assembly: {e.Message}", e);
        }
    }
}
