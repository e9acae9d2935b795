using System.CommandLine;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Omnisight.Cli.Hosting;
using Omnisight.Cli.Output;
using Omnisight.Kernel;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Cli;

/// <summary>One run of a verb: its arguments, its output, the configuration it works with.</summary>
internal sealed class Session(ParseResult arguments, Surroundings surroundings, CancellationToken stop)
{
    private NodeConfiguration? _configuration;

    public ParseResult Arguments => arguments;

    public Surroundings Surroundings => surroundings;

    public CancellationToken Stop => stop;

    public Printer Print { get; } = surroundings.Printer(arguments);

    public NodeConfiguration Configuration => _configuration ??= Load();

    /// <summary>Reads the configuration; a verb's own file takes the place of the global one, its settings come before --set.</summary>
    public NodeConfiguration Load(string? file = null, IEnumerable<string>? set = null) => _configuration = NodeConfiguration.Load(new ConfigurationSources
    {
        File = file ?? arguments.GetValue(GlobalOptions.Config),
        Environment = surroundings.Environment,
        Instance = arguments.GetValue(GlobalOptions.Instance),
        Profile = arguments.GetValue(GlobalOptions.Profile),
        Set = [.. set ?? [], .. arguments.GetValue(GlobalOptions.Set) ?? []],
        DefaultPluginsDirectory = PluginsDirectory.Find(AppContext.BaseDirectory),
    });

    /// <summary>Made by hand: LoggerFactory.Create goes through a service container, which takes 15 ms of every start.</summary>
    public ILoggerFactory Loggers(LogLevel level)
    {
        var filter = new LoggerFilterOptions { MinLevel = level };
        filter.Rules.Add(new LoggerFilterRule(null, "Microsoft", level > LogLevel.Warning ? level : LogLevel.Warning, null));
        return new LoggerFactory([new LineLoggerProvider(surroundings.Errors, surroundings.Time)], filter);
    }

    /// <summary>What the kernel is made from; the messages of this program's own assembly come along.</summary>
    public NodeSettings Settings(ILoggerFactory loggers) => new()
    {
        Configuration = Configuration,
        Loggers = loggers,
        Time = surroundings.Time,
        BuiltIn = [typeof(Messages.DetectionCodec).Assembly],
        Version = Version,
    };

    /// <summary>The transports and messages of the instance, without its modules.</summary>
    public async Task<NodeTools> OpenTools()
    {
        var level = arguments.GetValue(GlobalOptions.Verbose) ? LogLevel.Debug : LogLevel.Error;
        return await NodeTools.OpenAsync(Settings(Loggers(level)));
    }

    public static string Version { get; } =
        typeof(Session).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
