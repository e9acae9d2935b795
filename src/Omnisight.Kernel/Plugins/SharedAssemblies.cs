using System.Reflection;
using System.Runtime.Loader;

namespace Omnisight.Kernel.Plugins;

/// <summary>
/// The assemblies of which host and plugins have one copy, so that a type means the same on both sides: the contracts, what
/// the contracts show, the built-in messages, and the payloads of message-only plugins. This is the one list.
/// </summary>
internal sealed class SharedAssemblies
{
    /// <summary>A copy of these in a plugin's folder is an error: the plugin was built against a copy of its own.</summary>
    private static readonly string[] Contracts =
    [
        "Omnisight.Abstractions",
        "Omnisight.Commands",
        "System.Composition.AttributedModel",
    ];

    /// <summary>A copy of these in a plugin's folder is common (packages bring them) and ignored: the host's is used.</summary>
    private static readonly string[] Tolerated =
    [
        "Microsoft.Extensions.Logging.Abstractions",
        "Microsoft.Extensions.DependencyInjection.Abstractions",
    ];

    private readonly Lock _lock = new();
    private readonly HashSet<string> _contracts;
    private readonly Dictionary<string, (Assembly Assembly, string Plugin)> _payloads = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="builtIn">Assemblies that the program brings along for plugins: the built-in messages.</param>
    public SharedAssemblies(IEnumerable<Assembly> builtIn)
    {
        _contracts = new HashSet<string>(Contracts.Concat(builtIn.Select(a => a.GetName().Name!)), StringComparer.OrdinalIgnoreCase);
        Context = new SharedContext(this);
    }

    /// <summary>Where plugins find shared assemblies: the payloads of message-only plugins, then the host.</summary>
    public AssemblyLoadContext Context { get; }

    /// <summary>All names.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_lock)
            {
                return [.. _contracts, .. Tolerated, .. _payloads.Keys];
            }
        }
    }

    /// <summary>True for an assembly that a plugin must not bring along.</summary>
    public bool IsContract(string name) => _contracts.Contains(name);

    /// <summary>True for an assembly of which the host's copy is used whatever the plugin brings along.</summary>
    public bool IsHostsOwn(string name) => _contracts.Contains(name) || Tolerated.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The payload assembly of that name and the plugin it came from; null when there is none.</summary>
    public (Assembly Assembly, string Plugin)? FindPayload(string name)
    {
        lock (_lock)
        {
            return _payloads.TryGetValue(name, out var found) ? found : null;
        }
    }

    /// <summary>Loads the assemblies that a message-only plugin shares, all or none. The same version twice is one copy; another version is refused.</summary>
    public void Add(PluginFolder folder)
    {
        var manifest = folder.Manifest!;
        lock (_lock)
        {
            var wanted = manifest.SharedAssemblies.Where(n => !IsThere(folder, n)).ToList();
            var context = new PayloadContext(this, folder);
            foreach (var (name, assembly) in wanted.Select(n => (n, context.LoadFromAssemblyPath(PathOf(folder, n)))).ToList())
            {
                PluginAssembly.Note(assembly, manifest.Id);
                _payloads[name] = (assembly, manifest.Id);
            }
        }
    }

    /// <summary>Takes back what a plugin shared that could not be loaded itself: others may bring their own.</summary>
    public void Remove(string plugin)
    {
        lock (_lock)
        {
            foreach (var name in _payloads.Where(p => p.Value.Plugin == plugin).Select(p => p.Key).ToList())
            {
                _payloads.Remove(name);
            }
        }
    }

    private static string PathOf(PluginFolder folder, string name) => Path.Combine(folder.Path, name + ".dll");

    /// <summary>True when another plugin shares the same already.</summary>
    private bool IsThere(PluginFolder folder, string name)
    {
        var path = PathOf(folder, name);
        if (!File.Exists(path))
        {
            throw new PluginRefusedException(PluginState.Faulted, $"its manifest shares '{name}', but {path} does not exist; build the plugin again");
        }

        if (IsHostsOwn(name) || PluginProbe.HostVersion(name) is not null)
        {
            throw new PluginRefusedException(PluginState.Faulted, $"its manifest shares '{name}', which is the host's; take it out of sharedAssemblies");
        }

        if (!_payloads.TryGetValue(name, out var there))
        {
            return false;
        }

        var (mine, theirs) = (AssemblyName.GetAssemblyName(path).Version, there.Assembly.GetName().Version);
        return mine == theirs
            ? true
            : throw new PluginRefusedException(
                PluginState.Faulted, $"it shares {name} {mine}, but '{there.Plugin}' shares {theirs}; one process has one version: use the same in both plugins");
    }

    /// <summary>What a plugin's context asks before its own folder.</summary>
    private sealed class SharedContext(SharedAssemblies shared) : AssemblyLoadContext("omnisight shared")
    {
        protected override Assembly? Load(AssemblyName assemblyName) => shared.FindPayload(assemblyName.Name!)?.Assembly;
    }

    /// <summary>Holds what one plugin shares; what that refers to is shared too, or the host's, or lies beside it.</summary>
    private sealed class PayloadContext(SharedAssemblies shared, PluginFolder folder) : AssemblyLoadContext($"payloads of {folder.Id}")
    {
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            var name = assemblyName.Name!;
            return shared.FindPayload(name)?.Assembly
                ?? (shared.IsHostsOwn(name) || PluginProbe.HostVersion(name) is not null || !File.Exists(PathOf(folder, name)) ? null : LoadFromAssemblyPath(PathOf(folder, name)));
        }
    }
}
