using System.Text.Json;
using Omnisight.Kernel;
using Omnisight.Kernel.Configuration;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Cli.Hosting;

/// <summary>What <c>run</c> says once the node is up: what it did, and where to look.</summary>
internal static class Greeting
{
    public static void Print(Session session, Node node)
    {
        var configuration = session.Configuration;
        var print = session.Print;
        var active = node.Plugins.Where(p => p.State == PluginState.Active).Select(p => p.Id).ToList();
        var url = Url(session, active);
        var adminKey = Path.Combine(configuration.RuntimeDirectory, $"{configuration.Instance}_admin_key");
        if (print.IsJson)
        {
            print.Json(w =>
            {
                w.WriteString("event", "started");
                w.WriteString("instance", configuration.Instance);
                w.WriteString("use", configuration.Use);
                w.WriteNumber("pid", Environment.ProcessId);
                w.WriteBoolean("core", node.IsCore);
                w.WriteString("runtime_directory", configuration.RuntimeDirectory);
                w.WriteString("url", url);
            });
            return;
        }

        print.Line($"omnisight {Session.Version}: instance '{configuration.Instance}', set '{configuration.Use}', pid {Environment.ProcessId}{(node.IsCore ? ", core" : "")}");
        print.Line($"  plugins    {string.Join(", ", active)}");
        foreach (var plugin in node.Plugins.Where(p => p.State != PluginState.Active && configuration.ChosenPlugins.Contains(p.Id)))
        {
            print.Line($"             {plugin.Id}: {JsonNamingPolicy.SnakeCaseLower.ConvertName(plugin.State.ToString())}: {plugin.Reason}");
        }

        print.Line($"  channels   /dev/shm/{configuration.Instance}_*      see: omnisight channels list, omnisight echo detections --once");
        print.Line($"  files      {configuration.RuntimeDirectory}/{configuration.Instance}_*");
        if (url is not null)
        {
            print.Line($"  dashboard  {url}/      API: {url}/api/health, {url}/docs");
            if (File.Exists(adminKey) && Example(configuration, active) is { } example)
            {
                print.Line($"  configure  curl -H \"Authorization: Bearer $(cat {adminKey})\" -H 'Content-Type: application/json' -d '{example}' {url}/api/config");
            }
        }

        print.Line("  stop       Ctrl-C");
    }

    /// <summary>A change that this process takes while it runs; null when nothing here has such a setting.</summary>
    private static string? Example(NodeConfiguration configuration, List<string> active)
    {
        const string Setting = "ConfidenceThreshold";
        var plugin = active.FirstOrDefault(id => configuration.PluginFolders.Any(f => f.Id == id && f.Manifest?.Options.ContainsKey(Setting) == true));
        return plugin is null ? null : $"{{\"{plugin}\":{{\"{Setting}\":0.5}}}}";
    }

    /// <summary>The first address of the plugin that serves HTTP, as a browser takes it.</summary>
    private static string? Url(Session session, List<string> active) => session.Configuration.Entries.Values
        .Where(e => e.Key.EndsWith(":Urls", StringComparison.Ordinal) && active.Contains(e.Key.Split(':')[0]))
        .Select(e => e.Value.Items[0].ToString().Split(';')[0].TrimEnd('/').Replace("://*", "://localhost", StringComparison.Ordinal).Replace("://0.0.0.0", "://localhost", StringComparison.Ordinal))
        .FirstOrDefault();
}
