using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.Cli.Channels;
using Omnisight.Cli.Output;
using Omnisight.Kernel;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Cli.Verbs;

/// <summary><c>omnisight plugins list</c></summary>
internal static class PluginsListVerb
{
    private static readonly Column[] Columns = [new("id"), new("version"), new("contract"), new("state"), new("provides") { Wraps = true }, new("process"), new("reason") { Wraps = true }];

    public static CliVerb Make(VerbHost host) => host.Verb(
        "list", "List every plugin in the directory: version, contract range, state, what it provides, and why it is not running.", [], List);

    private static async Task<int> List(Session session)
    {
        var running = await Running(session);
        var configuration = session.Configuration;
        var rows = configuration.PluginFolders.Select(f => Row(session, f, running.FirstOrDefault(r => r.Id == f.Id)));
        var elsewhere = running.Where(r => configuration.PluginFolders.All(f => f.Id != r.Id))
            .Select(r => new object?[] { r.Id, r.Version, r.Contract, r.State, r.Provides, r.Pid, r.Reason });
        session.Print.Table(Columns, [.. rows.Concat(elsewhere)]);
        if (configuration.PluginFolders.Count == 0)
        {
            session.Print.Error($"no plugins in {configuration.PluginsDirectory}; build them (dotnet build), or set Plugins:Directory");
            return ExitCode.CheckFailed;
        }

        return ExitCode.Ok;
    }

    private sealed record RunningPlugin(string Id, string Version, string Contract, string State, string Reason, IReadOnlyList<string> Provides, long Pid);

    private static object?[] Row(Session session, PluginFolder folder, RunningPlugin? running)
    {
        var manifest = folder.Manifest;
        if (running is not null)
        {
            return [folder.Id, running.Version, running.Contract, running.State, running.Provides, running.Pid, running.Reason];
        }

        var (state, reason) = Offline(session, folder);
        return [folder.Id, manifest?.Version, manifest?.Contract.ToString(), state, manifest?.Provides ?? [], null, reason];
    }

    /// <summary>What would become of it if a node started now.</summary>
    private static (string State, string Reason) Offline(Session session, PluginFolder folder)
    {
        var configuration = session.Configuration;
        return folder.Manifest switch
        {
            null => ("faulted", folder.Problem!),
            _ when PluginVerification.Foresee(session.Settings(NullLoggerFactory.Instance), folder) is { } refusal => (JsonNamingPolicy.SnakeCaseLower.ConvertName(refusal.State.ToString()), refusal.Reason),
            _ => ("disabled", $"no node of instance '{configuration.Instance}' runs it; start one with: omnisight run"),
        };
    }

    /// <summary>What the running processes of the instance say of their plugins.</summary>
    private static async Task<List<RunningPlugin>> Running(Session session)
    {
        await using var tools = await session.OpenTools();
        var found = new List<RunningPlugin>();
        foreach (var channel in tools.ListChannels().Select(c => c.Name).Where(n => n == "plugins" || n.StartsWith("proc-", StringComparison.Ordinal)).Distinct().OrderByDescending(n => n == "plugins"))
        {
            using var document = await ChannelInput.ReadLive(tools, channel);
            if (document is null || !document.RootElement.TryGetProperty("plugins", out var plugins))
            {
                continue;
            }

            var pid = document.RootElement.TryGetProperty("pid", out var p) ? p.GetInt64() : 0;
            foreach (var plugin in plugins.EnumerateArray())
            {
                Merge(found, Read(plugin, pid));
            }
        }

        return found;
    }

    /// <summary>Where several processes know a plugin, the one that runs it tells.</summary>
    private static void Merge(List<RunningPlugin> found, RunningPlugin plugin)
    {
        var index = found.FindIndex(f => f.Id == plugin.Id);
        if (index < 0)
        {
            found.Add(plugin);
        }
        else if (found[index].State == "disabled" && plugin.State != "disabled")
        {
            found[index] = plugin;
        }
    }

    private static RunningPlugin Read(JsonElement plugin, long pid) => new(
        Text(plugin, "id"), Text(plugin, "version"), Text(plugin, "contract"), Text(plugin, "state"), Text(plugin, "reason"),
        plugin.TryGetProperty("provides", out var provides) && provides.ValueKind == JsonValueKind.Array ? [.. provides.EnumerateArray().Select(e => e.GetString() ?? "")] : [],
        pid);

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
