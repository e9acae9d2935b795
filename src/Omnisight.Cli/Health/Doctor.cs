using System.Globalization;
using Omnisight.Kernel;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Cli.Health;

/// <summary>Looks at everything a node needs on this machine.</summary>
internal sealed class Doctor(Session session)
{
    /// <summary>All default regions together.</summary>
    private const long RegionBytes = 268_000;

    private static readonly TimeSpan PingLimit = TimeSpan.FromSeconds(1);

    public async Task<IReadOnlyList<HealthCheck>> Examine(bool clean)
    {
        var checks = new List<HealthCheck>();
        NodeConfiguration configuration;
        try
        {
            configuration = session.Configuration;
            checks.Add(HealthCheck.Ok("configuration", configuration.File ?? "the defaults"));
        }
        catch (ConfigurationException e)
        {
            checks.AddRange(e.Errors.Select(error => HealthCheck.Failed("configuration", error.ToString(), "correct it, then run: omnisight config check")));
            return checks;
        }

        // The core first: where it keeps its files is the directory that counts.
        var (core, runs) = await Core();
        checks.AddRange(Plugins(configuration));
        checks.Add(RuntimeDirectory(configuration));
        checks.Add(SharedMemory());
        checks.Add(RemoveIpc());
        checks.Add(core);
        checks.Add(LeftBehind(configuration, runs, clean));
        return checks;
    }

    private static List<HealthCheck> Plugins(NodeConfiguration configuration)
    {
        var problems = configuration.PluginFolders.Where(f => f.Problem is not null)
            .Select(f => HealthCheck.Warning("plugins", f.Problem!, "it is left out until then; omnisight plugins list shows all")).ToList();
        try
        {
            configuration.RequireChosenPlugins();
            problems.Insert(0, HealthCheck.Ok("plugins", $"{configuration.ChosenPlugins.Count} of the set '{configuration.Use}' are in {configuration.PluginsDirectory}"));
        }
        catch (ConfigurationException e)
        {
            problems.InsertRange(0, e.Errors.Select(error => HealthCheck.Failed("plugins", error.Message, "build the plugin, or choose another set with --set Plugins:Use=NAME")));
        }

        return problems;
    }

    private static HealthCheck RuntimeDirectory(NodeConfiguration configuration)
    {
        try
        {
            configuration.PrepareRuntimeDirectory();
            return HealthCheck.Ok("runtime directory", configuration.RuntimeDirectory);
        }
        catch (ConfigurationException e)
        {
            return HealthCheck.Failed("runtime directory", e.Errors[0].Message, "see the end of the line");
        }
    }

    private static HealthCheck SharedMemory()
    {
        const string Name = "shared memory";
        if (!Directory.Exists(Leftovers.SharedMemory))
        {
            return HealthCheck.Failed(Name, $"{Leftovers.SharedMemory} is not there", "mount -t tmpfs tmpfs /dev/shm");
        }

        var drive = new DriveInfo(Leftovers.SharedMemory);
        var free = string.Create(CultureInfo.InvariantCulture, $"{drive.AvailableFreeSpace / 1e6:0.#} MB of {drive.TotalSize / 1e6:0.#} MB free in {Leftovers.SharedMemory}");
        return drive.AvailableFreeSpace < RegionBytes
            ? HealthCheck.Failed(Name, free, "remove what is no longer used (omnisight doctor --clean), or enlarge it: mount -o remount,size=256m /dev/shm; in Docker: --shm-size=256m")
            : HealthCheck.Ok(Name, free);
    }

    /// <summary>logind removes the shared memory of a user who logs out.</summary>
    private static HealthCheck RemoveIpc()
    {
        const string Name = "RemoveIPC";
        const string Logind = "/etc/systemd/logind.conf";
        var setting = File.Exists(Logind) ? File.ReadLines(Logind).LastOrDefault(l => l.StartsWith("RemoveIPC", StringComparison.Ordinal)) : null;
        var off = setting?.Split('=', 2) is [_, var value] && value.Trim() is "no" or "false" or "0";
        return off || !Directory.Exists("/run/systemd/seats") || SystemUser()
            ? HealthCheck.Ok(Name, "logging out does not remove this user's shared memory")
            : HealthCheck.Warning(Name, $"logind removes {Leftovers.SharedMemory} files of user {Environment.UserName} when the last session ends", "run the node as a system user, or set RemoveIPC=no in " + Logind);
    }

    private static bool SystemUser() => Environment.UserName == "root"
        || (File.Exists("/etc/passwd") && File.ReadLines("/etc/passwd").Select(l => l.Split(':')).Any(f => f.Length > 2 && f[0] == Environment.UserName
            && int.TryParse(f[2], CultureInfo.InvariantCulture, out var uid) && uid < 1000));

    private async Task<(HealthCheck Check, bool Runs)> Core()
    {
        try
        {
            await using var tools = await session.OpenTools();
            var ack = await tools.Commands.SendAsync("PING", default, PingLimit, cancellationToken: session.Stop);
            return ack.Success
                ? (HealthCheck.Ok("core", "answers PING"), true)
                : (HealthCheck.Warning("core", $"{ack.Code}: {ack.Message}", $"start it with: omnisight run --instance {session.Configuration.Instance}"), ack.Code == Commands.CommandCodes.AckTimeout);
        }
        catch (Exception e) when (e is TransportException or NodeStartException)
        {
            return (HealthCheck.Failed("core", e.Message, "see the end of the line"), false);
        }
    }

    private static HealthCheck LeftBehind(NodeConfiguration configuration, bool coreRuns, bool clean)
    {
        const string Name = "leftovers";
        var leftovers = new Leftovers(configuration, coreRuns);
        var found = leftovers.Find();
        if (found.Count == 0)
        {
            return HealthCheck.Ok(Name, "none");
        }

        return clean
            ? HealthCheck.Ok(Name, $"removed {leftovers.Remove(found)} of {found.Count}: {string.Join(", ", found)}")
            : HealthCheck.Warning(Name, string.Join(", ", found), $"omnisight doctor --clean --instance {configuration.Instance} (the next start makes them anew anyway)");
    }
}
