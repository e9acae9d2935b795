using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Omnisight.Cli.Output;
using Omnisight.Kernel;
using Omnisight.Kernel.Configuration;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Cli.Verbs;

/// <summary><c>omnisight plugins verify DIR</c></summary>
internal static class PluginsVerifyVerb
{
    private static readonly Column[] Columns = [new("check"), new("result"), new("detail") { Wraps = true }];

    public static CliVerb Make(VerbHost host)
    {
        var directory = new Argument<string>("DIR") { Description = "The plugin's folder: the one with plugin.json." };
        return host.Verb("verify", "Check a plugin without starting a node: manifest, hashes, contract, references, exports, a dry composition.", [directory], async session =>
        {
            var folder = PluginsFolder.Of(session, session.Arguments.GetRequiredValue(directory), required: false);
            using var loggers = session.Loggers(LogLevel.Warning);
            var checks = await PluginVerification.RunAsync(folder, session.Settings(loggers).BuiltIn, loggers, [.. PluginFolder.Scan(Path.GetDirectoryName(folder)!), .. session.Configuration.PluginFolders]);
            session.Print.Table(Columns, [.. checks.Select(c => new object?[] { c.Name, c.Ok ? "ok" : "failed", c.Detail })]);
            return checks.All(c => c.Ok) ? ExitCode.Ok : ExitCode.CheckFailed;
        });
    }
}

/// <summary><c>omnisight plugins trust DIR</c></summary>
internal static class PluginsTrustVerb
{
    public static CliVerb Make(VerbHost host)
    {
        var directory = new Argument<string>("DIR") { Description = "The plugin's folder, or its id in the plugins directory." };
        return host.Verb("trust", "Record a plugin's files as trusted; with Plugins:RequireTrusted only such plugins are loaded, and only unchanged.", [directory], session =>
        {
            var folder = PluginsFolder.Of(session, session.Arguments.GetRequiredValue(directory), required: true);
            var store = TrustStore.Open(session.Configuration.PluginsDirectory);
            try
            {
                var files = store.Trust(folder);
                session.Print.Line($"trusted {folder}: {files} files recorded in {store.File}");
            }
            catch (PluginManifestException e)
            {
                throw new CliException(ExitCode.CheckFailed, e.Message);
            }

            return ExitCode.Ok;
        });
    }
}

/// <summary><c>omnisight plugins distrust ID</c></summary>
internal static class PluginsDistrustVerb
{
    public static CliVerb Make(VerbHost host)
    {
        var id = new Argument<string>("NAME") { Description = "The plugin's id." };
        return host.Verb("distrust", "Take back that a plugin's files are trusted.", [id], session =>
        {
            var plugin = session.Arguments.GetRequiredValue(id);
            var store = TrustStore.Open(session.Configuration.PluginsDirectory);
            if (!store.Distrust(plugin))
            {
                throw new CliException(ExitCode.CheckFailed, $"'{plugin}' is not recorded in {store.File}{Suggestion.For(plugin, store.Plugins)}");
            }

            session.Print.Line($"'{plugin}' is no longer trusted: {store.File}");
            return ExitCode.Ok;
        });
    }
}

/// <summary><c>omnisight plugins reload ID</c></summary>
internal static class PluginsReloadVerb
{
    /// <summary>Stopping may take 5 s, and proving that the old assemblies are gone another few.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static CliVerb Make(VerbHost host)
    {
        var id = new Argument<string>("NAME") { Description = "The plugin's id." };
        return host.Verb("reload", "Load a plugin of the running core anew (only those that declare themselves reloadable).", [id], async session =>
        {
            var data = JsonElement.Parse($$"""{"plugin":"{{JsonEncodedText.Encode(session.Arguments.GetRequiredValue(id))}}"}""");
            return await SendVerb.Send(session, "PLUGIN_RELOAD", data, Limit, token: null);
        });
    }
}

/// <summary>A plugin's folder, by its path or its id.</summary>
internal static class PluginsFolder
{
    public static string Of(Session session, string text, bool required)
    {
        var inside = session.Configuration.PluginFolders;
        if (inside.FirstOrDefault(f => f.Id == text) is { } byId)
        {
            return byId.Path;
        }

        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(text));
        if (!Directory.Exists(path))
        {
            throw new CliException(ExitCode.Usage, $"there is no folder {path}, and no plugin '{text}' in {session.Configuration.PluginsDirectory}{Suggestion.For(text, inside.Select(f => f.Id))}");
        }

        return !required || inside.Any(f => f.Path == path)
            ? path
            : throw new CliException(ExitCode.Usage, $"{path} is not in the plugins directory {session.Configuration.PluginsDirectory}; copy the plugin there first, or set Plugins:Directory");
    }
}
