using Microsoft.Extensions.Logging;
using Omnisight.Commands;
using Omnisight.Kernel.Configuration;
using Omnisight.Kernel.Core;
using Omnisight.Kernel.Plugins;
using Omnisight.Kernel.Supervision;
using Omnisight.Kernel.Wiring;

namespace Omnisight.Kernel;

/// <summary>One process of an instance: its plugins, channels and modules, from start to stop.</summary>
/// <example><code>
/// await using var node = new Node(settings);
/// await node.StartAsync();
/// await node.Completion; // a SHUTDOWN command
/// await node.StopAsync();
/// </code></example>
public sealed class Node : IAsyncDisposable
{
    /// <summary>What a transport's ends may take to close; what takes longer is left behind.</summary>
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(5);

    /// <summary>Once one module hangs, the others stop at the same time, and the process ends within ten seconds.</summary>
    private static readonly TimeSpan HurriedStop = TimeSpan.FromSeconds(3);

    /// <summary>A module whose constructor takes longer does not hold up the others. Options that are refused by then stop the node before anything ran.</summary>
    private static readonly TimeSpan PrepareGrace = TimeSpan.FromMilliseconds(500);

    private readonly NodeSettings _settings;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PluginSet? _plugins;
    private NodeChannels? _channels;
    private SharedCommandClient? _client;
    private CommandService? _commands;
    private PluginReload? _reload;
    private NodeState? _state;
    private DocumentLoop? _documents;
    private NodeMetrics? _metrics;
    private CrashBlame? _blame;
    private readonly Lock _stopping = new();
    private Task<bool>? _stopped;

    /// <summary>A node that is not started.</summary>
    public Node(NodeSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _logger = settings.Loggers.CreateLogger("Omnisight.Node");
    }

    /// <summary>Ends when a SHUTDOWN command asks for it; then stop the node.</summary>
    public Task Completion => _completion.Task;

    /// <summary>This process serves the instance's commands.</summary>
    public bool IsCore => _state?.IsCore ?? false;

    /// <summary>starting, running, degraded, stopping, stopped.</summary>
    public string Status => _state?.Status ?? "stopped";

    /// <summary>All plugins of the directory, with what became of them.</summary>
    public IReadOnlyList<PluginReport> Plugins => [.. (_plugins?.All ?? []).Select(PluginReport.Of)];

    /// <summary>Complete once every module is ready or has failed for the first time.</summary>
    public Task WhenSettled => Task.WhenAll(_state?.Modules.Select(m => m.Settled) ?? []);

    /// <summary>Sends commands to the instance's core.</summary>
    public ICommandClient Commands => _client ?? throw new InvalidOperationException("the node is not started");

    /// <summary>Every channel of the instance.</summary>
    public IReadOnlyList<ChannelEntry> ListChannels() => _channels?.List() ?? [];

    /// <summary>A reader of a channel, to be disposed by the caller before the node stops; null when nothing is known of the channel.</summary>
    /// <exception cref="TransportException">The channel has as many readers as it may have, or the environment forbids it.</exception>
    public IReader? OpenReader(ChannelName channel) => _channels?.OpenReader(channel);

    /// <summary>Replaces a running plugin by what is in its folder now, as the command PLUGIN_RELOAD does.</summary>
    /// <returns>What became of it; with an error code when the old code runs on or could not be unloaded.</returns>
    public Task<CommandResult> ReloadAsync(string plugin) => _reload?.RunAsync(plugin) ?? throw new InvalidOperationException("the node is not started");

    /// <summary>Loads, composes, wires, and starts the modules.</summary>
    /// <exception cref="NodeStartException">With the exit code and what to do.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            _settings.Configuration.PrepareRuntimeDirectory();
            var record = new CrashRecord(_settings.Configuration.RuntimeDirectory, _settings.Configuration.Instance, _settings.Time);
            _blame = new CrashBlame(record, _logger);
            _plugins = await PluginSet.LoadAsync(_settings, withModules: true);
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var untrusted in _plugins.All.Where(p => p.State == PluginState.Untrusted))
            {
                Audit(untrusted, untrusted.Reason);
            }

            Wire(_plugins);
            var prepared = PrepareAsync(_plugins);
            await Task.WhenAny(prepared, Task.Delay(PrepareGrace, _settings.Time, cancellationToken));
            if (prepared.IsFaulted)
            {
                await prepared;
            }

            Run(_plugins);
            await prepared;
        }
        catch (ConfigurationException e)
        {
            await StopAsync();
            throw new NodeStartException(e.ExitCode, e.Message, e);
        }
        catch
        {
            await StopAsync();
            throw;
        }
    }

    /// <summary>Stops the modules in reverse order, 5 s each, then closes the channels. False when something had to be left behind.</summary>
    public Task<bool> StopAsync()
    {
        lock (_stopping)
        {
            return _stopped ??= StopOnceAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task<bool> StopOnceAsync()
    {
        var clean = await CloseAsync(_reload) & await StopModulesAsync();
        SetPhase("stopped");
        clean &= await CloseAsync(_commands);
        clean &= await CloseAsync(_documents);
        clean &= await CloseAsync(_client);
        clean &= await CloseAsync(_channels);
        if (clean)
        {
            clean = await CloseAsync(_plugins);
        }

        _metrics?.Dispose();
        _blame?.Dispose();
        _completion.TrySetResult();
        return clean;
    }

    private void Wire(PluginSet plugins)
    {
        var channels = _channels = new NodeChannels(_settings, plugins.Transports, plugins.Messages);
        _client = new SharedCommandClient(channels.Planner, _settings.Loggers, _settings.Time);
        var claims = PublisherClaims.Resolve(plugins.All, _settings.Configuration);
        var serve = _settings.Configuration.Commands.Serve;
        var isCore = serve ?? (claims.Count > 0 || plugins.All.Any(IsMissingSource));
        if (!isCore)
        {
            channels.FollowInstance(mustBeOurs: true);
        }

        foreach (var (channel, claim) in claims)
        {
            channels.Publishers.Open(channels.Planner.Require(channel), claim);
        }

        var epoch = CommandServerOptions.NewEpoch();
        isCore = isCore && OpenCommands(channels, epoch, required: serve == true);
        _state = new NodeState(_settings, plugins.All, epoch, isCore);
        _documents = new DocumentLoop(_state, channels, new ChannelMeter(channels, _settings.Time), OpenDocuments(channels, isCore));
    }

    /// <summary>A chosen plugin that would publish, were it loaded: without it the process is still the core, and says what is wrong.</summary>
    private bool IsMissingSource(Plugin plugin) => !plugin.IsLoaded && _settings.Configuration.ChosenPlugins.Contains(plugin.Id)
        && plugin.Manifest?.Provides.Any(p => p.StartsWith("channel:", StringComparison.Ordinal)) == true;

    /// <summary>False when another process is the core, and this one need not be.</summary>
    private bool OpenCommands(NodeChannels channels, ulong epoch, bool required)
    {
        if (!required && channels.Planner.Find(CommandChannels.Commands.Name.Value) is null)
        {
            _logger.NoTransport(CommandChannels.Commands.Name.Value, "no command can reach this node; add the plugin of its transport to Plugins:Use");
            return true;
        }

        try
        {
            _commands = CommandService.Open(_settings, channels, epoch);
            return true;
        }
        catch (NodeStartException e) when (!required && e.ExitCode == ExitCodes.InUse)
        {
            _logger.NotTheCore(e.Message);
            return false;
        }
    }

    /// <summary>The documents of a core, or of a process beside it.</summary>
    private Dictionary<string, IPublisher> OpenDocuments(NodeChannels channels, bool isCore)
    {
        string[] names = isCore
            ? [KernelDocuments.Stats, KernelDocuments.Status, KernelDocuments.Plugins, KernelDocuments.Config]
            : [KernelDocuments.ProcessChannel(Environment.ProcessId)];
        var open = new Dictionary<string, IPublisher>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (channels.Planner.Find(name) is { } plan)
            {
                open[name] = channels.Publishers.Open(plan, claim: null);
            }
            else
            {
                _logger.NoTransport(name, "it is not published; add the plugin of its transport to Plugins:Use");
            }
        }

        return open;
    }

    /// <summary>A plugin that is not what was built or trusted is a matter for the audit log.</summary>
    private void Audit(Plugin plugin, string reason)
    {
        var configuration = _settings.Configuration;
        using var audit = AuditLog.Open(configuration.RuntimeDirectory, configuration.Instance, _settings.Time, _logger);
        audit.Write(new AuditEntry { Source = "kernel", Action = "plugin_load", Outcome = "untrusted", Detail = $"{plugin.Id}: {reason}" });
    }

    private async Task PrepareAsync(PluginSet plugins)
    {
        var host = new ModuleHost(
            _settings, _channels!, plugins.Messages.Find, _client!, _commands is null ? null : _commands.Register, _documents!.Changed);
        _reload = new PluginReload(plugins, host, Audit);
        foreach (var plugin in plugins.All.Where(p => p.IsLoaded))
        {
            plugin.Modules = [.. plugin.Parts!.Modules.Select(m => new ModuleRunner(plugin, m, host))];
        }

        await Task.WhenAll(_state!.Modules.Select(m => m.PrepareAsync()));
    }

    private void Run(PluginSet plugins)
    {
        _metrics = new NodeMetrics(_state!, _channels!, plugins.Transports.Schemes, _commands?.Server.Counters, _documents!);
        if (_commands is not null)
        {
            _commands.Server.Register(new ConfigUpdateHandler(_settings.Configuration));
            _commands.Server.Register(new ShutdownHandler(() => _completion.TrySetResult(), _logger));
            _commands.Server.Register(new PluginReloadHandler(_reload!), PluginReloadHandler.TimeLimit);
            _commands.Start();
        }

        _settings.Configuration.Changed += OnConfigurationChanged;
        _state!.Phase = null;
        foreach (var module in _state.Modules)
        {
            module.Start();
        }

        _documents!.Start();
    }

    private async Task<bool> StopModulesAsync()
    {
        _settings.Configuration.Changed -= OnConfigurationChanged;
        SetPhase("stopping");
        var stopping = (_plugins?.All ?? []).Where(p => p.Modules.Count > 0).Reverse().ToList();
        stopping.ForEach(p => p.Set(PluginState.Stopping, "the node is stopping"));
        var modules = new Queue<ModuleRunner>(stopping.SelectMany(p => p.Modules.Reverse()));
        while (modules.TryDequeue(out var module))
        {
            if (!await module.StopAsync())
            {
                await Task.WhenAll(modules.Select(m => m.StopAsync(HurriedStop)));
                return false;
            }
        }

        return true;
    }

    private void SetPhase(string phase)
    {
        if (_state is not null)
        {
            _state.Phase = phase;
            _documents?.Changed();
        }
    }

    private void OnConfigurationChanged(IReadOnlyList<string> keys) => _documents?.ConfigurationChanged();

    /// <summary>Closes a part; false when it did not end in time: a transport's code runs in there, too.</summary>
    private async Task<bool> CloseAsync(IAsyncDisposable? part)
    {
        try
        {
            if (part is not null)
            {
                await Task.Run(async () => await part.DisposeAsync()).WaitAsync(CloseLimit, _settings.Time);
            }
        }
        catch (Exception e)
        {
            _logger.CloseFailed(part!.GetType().Name, e);
            return e is not TimeoutException;
        }

        return true;
    }
}
