using Microsoft.Extensions.Logging;
using Omnisight.Kernel;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Cli.Bench;

/// <summary>The transport of a benchmark, on an instance of its own, and what that leaves in shared memory.</summary>
internal static class BenchNode
{
    private const string Plugin = "Transport.Shm";

    public static async Task<NodeTools> Open(Session session, BenchSettings settings)
    {
        var args = session.Arguments;
        var loggers = session.Loggers(LogLevel.Error);
        var configuration = NodeConfiguration.Load(new ConfigurationSources
        {
            File = args.GetValue(GlobalOptions.Config),
            Environment = session.Surroundings.Environment,
            Instance = settings.Instance,
            Set =
            [
                .. args.GetValue(GlobalOptions.Set) ?? [],
                $"Transport.Shm:ReadMode={(settings.Mode == BenchMode.Safe ? "safe" : "map")}",
                $"Transport.Shm:ShortSlices={(settings.LongSlices ? "false" : "true")}",
            ],
            DefaultPluginsDirectory = PluginsDirectory.Find(AppContext.BaseDirectory),
        });
        return await NodeTools.OpenAsync(session.Settings(loggers) with { Configuration = configuration });
    }

    public static ITransport Transport(NodeTools tools) => tools.Transport("shm")
        ?? throw new CliException(ExitCode.Usage, tools.Plugins.FirstOrDefault(p => p.Id == Plugin) is { } plugin
            ? $"the plugin {Plugin} is {plugin.State.ToString().ToLowerInvariant()}: {plugin.Reason}"
            : $"the plugin {Plugin} is not there; build it (dotnet build plugins/{Plugin}) or set Plugins:Directory");

    public static IEnumerable<string> Forwarded(Session session)
    {
        if (session.Arguments.GetValue(GlobalOptions.Config) is { } file)
        {
            yield return "--config";
            yield return file;
        }

        foreach (var setting in session.Arguments.GetValue(GlobalOptions.Set) ?? [])
        {
            yield return "--set";
            yield return setting;
        }
    }

    /// <summary>Removes what outlives publishers by design: locks, semaphores, the processes' page.</summary>
    public static void Clean(string instance)
    {
        foreach (var pattern in new[] { $".{instance}_*.lock", $"sem.{instance}_*", $".{instance}.page" })
        {
            foreach (var file in Directory.EnumerateFiles("/dev/shm", pattern, new EnumerationOptions { AttributesToSkip = 0 }))
            {
                File.Delete(file);
            }
        }
    }
}
