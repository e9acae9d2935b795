using System.Reflection;
using System.Runtime.Loader;
using McMaster.NETCore.Plugins;

namespace Omnisight.Kernel.Plugins;

/// <summary>A plugin's entry assembly in a load context of its own. The only file that knows the loader library.</summary>
internal sealed class PluginAssembly : IDisposable
{
    private readonly PluginLoader? _loader;

    private PluginAssembly(PluginLoader? loader, Assembly entry) => (_loader, Entry) = (loader, entry);

    /// <summary>The entry assembly.</summary>
    public Assembly Entry { get; }

    /// <summary>The plugin's load context.</summary>
    public AssemblyLoadContext Context => AssemblyLoadContext.GetLoadContext(Entry)!;

    /// <summary>
    /// Loads the entry assembly. A collectible one is read into memory, so that its file can be replaced while it runs;
    /// the others are mapped, which is faster.
    /// </summary>
    public static PluginAssembly Load(string entryPath, SharedAssemblies shared, bool collectible)
    {
        // A message-only plugin whose entry is the payload itself: everybody's copy is its copy.
        if (shared.FindPayload(Path.GetFileNameWithoutExtension(entryPath)) is { } payload)
        {
            return new PluginAssembly(null, payload.Assembly);
        }

        var config = new PluginConfig(entryPath)
        {
            DefaultContext = shared.Context,
            IsUnloadable = collectible,
            LoadInMemory = collectible,

            // Eager sharing walks and loads every reference of every shared assembly: the list names all we mean, and costs nothing.
            IsLazyLoaded = true,
        };
        foreach (var name in shared.Names)
        {
            config.SharedAssemblies.Add(new AssemblyName(name));
        }

        var loader = new PluginLoader(config);
        try
        {
            return new PluginAssembly(loader, loader.LoadDefaultAssembly());
        }
        catch
        {
            loader.Dispose();
            throw;
        }
    }

    /// <summary>Starts the unloading of a collectible plugin; it is gone when nothing refers to it any more. Does nothing to others.</summary>
    public void Dispose() => _loader?.Dispose();
}
