using System.Runtime.Loader;

namespace Omnisight.Kernel.Plugins;

/// <summary>Everything that must hold before a plugin's code may run, cheapest first.</summary>
internal sealed class PluginGate(NodeSettings settings, SharedAssemblies shared)
{
    private readonly CrashRecord _crashes = new(settings.Configuration.RuntimeDirectory, settings.Configuration.Instance, settings.Time);

    /// <exception cref="PluginRefusedException">It may not; the message says why.</exception>
    public void Check(PluginFolder folder)
    {
        if (_crashes.WhyNot(folder.Id) is { } crashed)
        {
            throw new PluginRefusedException(PluginState.Disabled, crashed);
        }

        if (settings.Configuration.RequireTrusted && TrustStore.Open(settings.Configuration.PluginsDirectory).WhyNot(folder) is { } untrusted)
        {
            throw new PluginRefusedException(PluginState.Untrusted, untrusted);
        }

        CheckFiles(folder);
        PluginProbe.Check(folder, shared);
    }

    /// <summary>The files are those that the build recorded in the manifest.</summary>
    public static void CheckFiles(PluginFolder folder)
    {
        if (FileHashes.DiffersFromBuild(folder.Path, folder.Manifest!.Files) is { } difference)
        {
            throw new PluginRefusedException(
                PluginState.Untrusted, $"{difference}: not what its build recorded in plugin.json; build or install the plugin again");
        }
    }

    /// <summary>Every shared assembly that the plugin's context resolved must be the host's own instance, or a type is not the same on both sides.</summary>
    public static void CheckIdentity(PluginAssembly plugin, SharedAssemblies shared)
    {
        foreach (var assembly in plugin.Context.Assemblies)
        {
            var name = assembly.GetName();
            if (shared.Names.Contains(name.Name!, StringComparer.OrdinalIgnoreCase) && shared.FindPayload(name.Name!)?.Assembly != assembly)
            {
                throw new PluginRefusedException(
                    PluginState.Faulted,
                    $"it loaded a copy of its own of {name.Name} {name.Version} ({AssemblyLoadContext.GetLoadContext(assembly)?.Name}); delete that file and build against the host's version");
            }
        }
    }
}
