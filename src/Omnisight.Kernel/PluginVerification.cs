using System.Reflection;
using Microsoft.Extensions.Logging;
using Omnisight.Kernel.Composition;
using Omnisight.Kernel.Configuration;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel;

/// <summary>Tells whether a plugin's folder would load here, without starting a node: manifest, hashes, contract, references, exports, a dry composition.</summary>
public static class PluginVerification
{
    /// <summary>Looks at a folder; the first check that fails is the last that is made.</summary>
    /// <param name="folder">The plugin's folder.</param>
    /// <param name="builtIn">Assemblies that the program brings along for plugins.</param>
    /// <param name="loggers">What the plugin's parts log to while they are made.</param>
    public static async Task<IReadOnlyList<PluginCheck>> RunAsync(string folder, IReadOnlyList<Assembly> builtIn, ILoggerFactory loggers)
    {
        var checks = new List<PluginCheck>();
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var scratch = Directory.CreateTempSubdirectory("omnisight-verify-").FullName;
        try
        {
            await RunAsync(path, scratch, builtIn, loggers, checks);
        }
        catch (Exception e) when (e is PluginManifestException or PluginRefusedException or ConfigurationException)
        {
            checks.Add(new PluginCheck(Step(checks.Count), false, e.Message));
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }

        return checks;
    }

    private static async Task RunAsync(string path, string scratch, IReadOnlyList<Assembly> builtIn, ILoggerFactory loggers, List<PluginCheck> checks)
    {
        var manifest = PluginManifest.Read(path);
        var plugin = new PluginFolder(path, manifest, null);
        checks.Add(new PluginCheck("manifest", true, $"{manifest.Id} {manifest.Version}"));

        PluginGate.CheckFiles(plugin);
        checks.Add(new PluginCheck("files", true, manifest.Files.Count > 0 ? $"{manifest.Files.Count} files match their SHA-256" : "the build recorded no hashes; use eng/Plugin.props or the template"));

        var shared = new SharedAssemblies(builtIn);
        if (manifest.SharedAssemblies.Count > 0)
        {
            shared.Add(plugin);
        }

        PluginProbe.Check(plugin, shared);
        checks.Add(new PluginCheck("contract", true, $"{manifest.Contract} holds {ContractVersion.Current}; every reference is met"));

        using var assembly = PluginAssembly.Load(Path.Combine(path, manifest.Entry), shared, PluginReload.IsReloadable(manifest));
        PluginGate.CheckIdentity(assembly, shared);
        checks.Add(new PluginCheck("load", true, assembly.Entry.FullName!));

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
        await using var parts = await PluginParts.ComposeAsync(assembly, new PluginContext(manifest.Id, settings), withModules: true, settings.Time);
        var exports = PluginReport.ProvidesOf(parts);
        checks.Add(new PluginCheck("exports", true, string.Join(", ", exports)));
        checks.Add(Provides(manifest, exports));
    }

    private static string Step(int done) => (string[])["manifest", "files", "contract", "load", "exports"] is var steps && done < steps.Length ? steps[done] : "provides";

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
