using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using McMaster.NETCore.Plugins;

namespace Omnisight.Kernel.Plugins;

/// <summary>A plugin's entry assembly in a load context of its own. The only file that knows the loader library.</summary>
internal sealed class PluginAssembly : IDisposable
{
    /// <summary>Whose code a load context, or a shared payload, holds; also of plugins that were refused or replaced, for their threads may live on. Holds nothing back.</summary>
    private static readonly ConditionalWeakTable<object, string> Owners = [];

    private readonly PluginLoader? _loader;

    private PluginAssembly(PluginLoader? loader, Assembly entry) => (_loader, Entry) = (loader, entry);

    /// <summary>The entry assembly.</summary>
    public Assembly Entry { get; }

    /// <summary>The plugin's load context.</summary>
    public AssemblyLoadContext Context => AssemblyLoadContext.GetLoadContext(Entry)!;

    /// <summary>The id of the plugin that an assembly came with; null for the host's.</summary>
    public static string? OwnerOf(Assembly assembly) =>
        Owners.TryGetValue(assembly, out var id) || (AssemblyLoadContext.GetLoadContext(assembly) is { } context && Owners.TryGetValue(context, out id)) ? id : null;

    /// <summary>Remembers whose an assembly of a shared context is.</summary>
    public static void Note(Assembly assembly, string plugin) => Owners.AddOrUpdate(assembly, plugin);

    /// <summary>
    /// Loads the entry assembly. A collectible one is read into memory, so that its file can be replaced while it runs;
    /// the others are mapped, which is faster.
    /// </summary>
    public static PluginAssembly Load(PluginFolder folder, SharedAssemblies shared)
    {
        var manifest = folder.Manifest!;
        var entryPath = Path.Combine(folder.Path, manifest.Entry);

        // A message-only plugin whose entry is the payload itself: everybody's copy is its copy.
        if (shared.FindPayload(Path.GetFileNameWithoutExtension(entryPath)) is { } payload)
        {
            return new PluginAssembly(null, payload.Assembly);
        }

        var collectible = PluginReload.IsReloadable(manifest);
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
            var loaded = new PluginAssembly(loader, loader.LoadDefaultAssembly());
            Owners.AddOrUpdate(loaded.Context, manifest.Id);
            return loaded;
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
