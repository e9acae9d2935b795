using System.Reflection;
using Microsoft.Extensions.Logging;
using Omnisight.Kernel.Composition;
using Omnisight.Kernel.Configuration;
using Omnisight.Kernel.Plugins;
using Omnisight.Kernel.Wiring;

namespace Omnisight.Kernel;

/// <summary>Tells whether a plugin's folder would load here, without starting a node: manifest, hashes, contract, references, exports, a dry composition.</summary>
public static class PluginVerification
{
    /// <summary>Looks at a folder; what would keep a node from loading it is the last check that is made.</summary>
    /// <param name="folder">The plugin's folder.</param>
    /// <param name="builtIn">Assemblies that the program brings along for plugins.</param>
    /// <param name="loggers">What the plugin's parts log to while they are made.</param>
    /// <param name="others">The plugins of a node: those that share a payload with this one. Default: those beside the folder.</param>
    public static async Task<IReadOnlyList<PluginCheck>> RunAsync(string folder, IReadOnlyList<Assembly> builtIn, ILoggerFactory loggers, IReadOnlyList<PluginFolder>? others = null)
    {
        var checks = new List<PluginCheck>();
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var scratch = Directory.CreateTempSubdirectory("omnisight-verify-").FullName;
        try
        {
            await RunAsync(path, scratch, builtIn, loggers, others ?? PluginFolder.Scan(Path.GetDirectoryName(path)!), checks);
        }
        catch (Exception e)
        {
            var known = e is PluginManifestException or PluginRefusedException or ConfigurationException;
            checks.Add(new PluginCheck(Step(checks.Count), false, known ? e.Message : CompositionFailures.Explain(e)));
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }

        return checks;
    }

    /// <summary>What would become of a plugin if a node started now: the checks that are made before any code of it runs, then whether it is to be used.</summary>
    /// <param name="settings">The node's.</param>
    /// <param name="folder">The plugin's.</param>
    /// <returns>Null when nothing speaks against it.</returns>
    public static (PluginState State, string Reason)? Foresee(NodeSettings settings, PluginFolder folder)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(folder);
        try
        {
            new PluginGate(settings, Shared(folder, settings.BuiltIn, settings.Configuration.PluginFolders)).Check(folder);
            return settings.Configuration.ChosenPlugins.Contains(folder.Id) ? null : (PluginState.Disabled, PluginSet.NotChosen(settings.Configuration));
        }
        catch (PluginRefusedException e)
        {
            return (e.State, e.Message);
        }
        catch (Exception e)
        {
            return (PluginState.Faulted, CompositionFailures.Explain(e));
        }
    }

    private static async Task RunAsync(string path, string scratch, IReadOnlyList<Assembly> builtIn, ILoggerFactory loggers, IReadOnlyList<PluginFolder> others, List<PluginCheck> checks)
    {
        var manifest = PluginManifest.Read(path);
        var plugin = new PluginFolder(path, manifest, null);
        checks.Add(new PluginCheck("manifest", true, $"{manifest.Id} {manifest.Version}"));

        PluginGate.CheckFiles(plugin);
        checks.Add(manifest.Files.Count > 0
            ? new PluginCheck("files", true, $"{manifest.Files.Count} files match their SHA-256")
            : new PluginCheck("files", false, "plugin.json has no \"files\": nobody could tell when one is exchanged; build it with the package Omnisight.Abstractions, which writes them"));

        var shared = Shared(plugin, builtIn, others);
        PluginProbe.Check(plugin, shared);
        checks.Add(new PluginCheck("contract", true, $"{manifest.Contract} holds {ContractVersion.Current}; every reference is met"));

        using var assembly = PluginAssembly.Load(plugin, shared);
        checks.Add(new PluginCheck("load", true, assembly.Entry.FullName!));

        var differences = OptionsAgreement.Differences(manifest, OptionsClasses.Of(assembly.Entry));
        checks.Add(new PluginCheck("options", differences.Count == 0, differences.Count == 0 ? $"{manifest.Options.Count} options, the same in plugin.json and in code" : string.Join("; ", differences)));

        var settings = new NodeSettings
        {
            Configuration = NodeConfiguration.Load(new ConfigurationSources
            {
                DefaultPluginsDirectory = Path.GetDirectoryName(path),
                Instance = "verify",
                Set = [$"RuntimeDirectory={scratch}"],
            }),
            Loggers = loggers,
        };
        PluginParts parts;
        try
        {
            parts = await PluginParts.ComposeAsync(assembly, new PluginContext(manifest.Id, settings), withModules: true, settings.Time);
        }
        catch (ConfigurationException e) when (e.Errors.All(x => manifest.Options.Values.Any(o => o.Default is null && x.Key == $"{manifest.Id}:{o.Name}")))
        {
            checks.Add(new PluginCheck("exports", true, $"not made: it needs settings that have no default: {e.Message}"));
            return;
        }

        PluginGate.CheckIdentity(assembly, shared);
        var exports = PluginReport.ProvidesOf(parts);
        var kernels = parts.Modules.SelectMany(m => m.Publishes.Select(c => (Module: m.Name, Channel: c.Value))).FirstOrDefault(o => KernelDocuments.IsOwn(o.Channel));
        checks.Add(kernels.Module is null
            ? new PluginCheck("exports", true, string.Join(", ", exports))
            : new PluginCheck("exports", false, $"module '{kernels.Module}' offers channel '{kernels.Channel}', which is the kernel's own, so that no node starts with it; give the channel another name"));
        checks.Add(Provides(manifest, exports));
        if (await parts.CloseAsync(settings.Time) is { } problem)
        {
            checks.Add(new PluginCheck("dispose", false, problem));
        }
    }

    /// <summary>What this plugin shares, and what others share with it.</summary>
    private static SharedAssemblies Shared(PluginFolder plugin, IReadOnlyList<Assembly> builtIn, IReadOnlyList<PluginFolder> others)
    {
        var shared = new SharedAssemblies(builtIn);
        if (plugin.Manifest!.SharedAssemblies.Count > 0)
        {
            shared.Add(plugin);
        }

        foreach (var other in others.Where(o => o.Manifest is { SharedAssemblies.Count: > 0 } && o.Id != plugin.Id))
        {
            try
            {
                PluginGate.CheckFiles(other);
                shared.Add(other);
            }
            catch (PluginRefusedException)
            {
                // It would not be there in a node either: what needs it fails below, and says what is missing.
            }
        }

        return shared;
    }

    private static string Step(int done) => (string[])["manifest", "files", "contract", "load", "options", "exports"] is var steps && done < steps.Length ? steps[done] : "provides";

    /// <summary>The manifest must promise what is exported: it is what is read before anything is loaded.</summary>
    private static PluginCheck Provides(PluginManifest manifest, IReadOnlyList<string> exports)
    {
        var missing = exports.Where(e => !e.StartsWith("module:", StringComparison.Ordinal)).Except(manifest.Provides, StringComparer.Ordinal).ToList();
        var empty = manifest.Provides.Except(exports, StringComparer.Ordinal).ToList();
        return (missing.Count, empty.Count) switch
        {
            (0, 0) => new PluginCheck("provides", true, "plugin.json lists what is exported"),
            (_, 0) => new PluginCheck("provides", false, $"add to \"provides\" in plugin.json: {string.Join(", ", missing)}"),
            _ => new PluginCheck("provides", false, $"\"provides\" in plugin.json names what is not exported: {string.Join(", ", empty)}"),
        };
    }
}
