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
    private readonly PayloadContext _context = new();
    private readonly HashSet<string> _contracts;
    private readonly Dictionary<string, (Assembly Assembly, string Plugin)> _payloads = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="builtIn">Assemblies that the program brings along for plugins: the built-in messages.</param>
    public SharedAssemblies(IEnumerable<Assembly> builtIn) =>
        _contracts = new HashSet<string>(Contracts.Concat(builtIn.Select(a => a.GetName().Name!)), StringComparer.OrdinalIgnoreCase);

    /// <summary>Where plugins find shared assemblies: the payloads of message-only plugins, then the host.</summary>
    public AssemblyLoadContext Context => _context;

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

    /// <summary>The payload assembly of that name and the plugin it came from; null when there is none.</summary>
    public (Assembly Assembly, string Plugin)? FindPayload(string name)
    {
        lock (_lock)
        {
            return _payloads.TryGetValue(name, out var found) ? found : null;
        }
    }

    /// <summary>Loads the assemblies that a message-only plugin shares. The same version twice is one copy; another version is refused.</summary>
    public void Add(PluginFolder folder)
    {
        var manifest = folder.Manifest!;
        foreach (var name in manifest.SharedAssemblies)
        {
            var path = Path.Combine(folder.Path, name + ".dll");
            if (!File.Exists(path))
            {
                throw new PluginRefusedException(PluginState.Faulted, $"its manifest shares '{name}', but {path} does not exist; build the plugin again");
            }

            if (_contracts.Contains(name))
            {
                throw new PluginRefusedException(PluginState.Faulted, $"its manifest shares '{name}', which is the host's; take it out of sharedAssemblies");
            }

            var identity = AssemblyName.GetAssemblyName(path);
            lock (_lock)
            {
                if (_payloads.TryGetValue(name, out var there))
                {
                    if (there.Assembly.GetName().Version != identity.Version)
                    {
                        throw new PluginRefusedException(
                            PluginState.Faulted,
                            $"it shares {name} {identity.Version}, but '{there.Plugin}' shares {there.Assembly.GetName().Version}; one process has one version: use the same in both plugins");
                    }

                    continue;
                }

                _payloads[name] = (_context.LoadFromAssemblyPath(path), manifest.Id);
            }
        }
    }

    /// <summary>Holds the payload assemblies; whatever they refer to is the host's.</summary>
    private sealed class PayloadContext() : AssemblyLoadContext("omnisight payloads");
}
