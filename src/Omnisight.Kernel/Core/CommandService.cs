using Microsoft.Extensions.Logging;
using Omnisight.Commands;
using Omnisight.Kernel.Supervision;
using Omnisight.Kernel.Wiring;

namespace Omnisight.Kernel.Core;

/// <summary>The command server of the core, on the two command channels.</summary>
internal sealed class CommandService : IAsyncDisposable
{
    private readonly IReader _reader;
    private readonly TransportAckSender _acks;
    private readonly AuditLog _audit;
    private readonly CancellationTokenSource _stop = new();
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    /// <summary>The module that registered a type last.</summary>
    private readonly Dictionary<string, string> _modules = new(StringComparer.Ordinal);
    private Task _task = Task.CompletedTask;

    private CommandService(NodeSettings settings, NodeChannels channels, ulong epoch, IReader reader, TransportAckSender acks)
    {
        var configuration = settings.Configuration;
        _reader = reader;
        _time = settings.Time;
        _acks = acks;
        _logger = settings.Loggers.CreateLogger("Omnisight.Commands");
        _audit = AuditLog.Open(configuration.RuntimeDirectory, configuration.Instance, settings.Time, _logger);
        Server = new CommandServer(
            new CommandServerOptions
            {
                Instance = configuration.Instance,
                Epoch = epoch,
                Rate = configuration.Commands.Rate,
                HandlerTimeout = configuration.Commands.HandlerTimeout,
                Keys = KeyStore.Open(configuration.RuntimeDirectory, configuration.Instance, settings.Time, _logger),
                Audit = _audit,
                OwnerIsEnough = () => RuntimeDirectoryOwnership.OwnerIsEnough(configuration.RuntimeDirectory),
                Greeting = json => CoreGreeting.Write(json, settings.Version, channels.Publishers.All.Select(p => p.Channel)),
            },
            reader, acks, _logger, settings.Time);
    }

    public CommandServer Server { get; }

    /// <summary>Registers a module's handler.</summary>
    /// <exception cref="InvalidOperationException">Another module, or the kernel, answers commands of that type; the message names it.</exception>
    public IDisposable Register(ICommandHandler handler, string module)
    {
        // Modules start side by side: who is refused must find who has it.
        lock (_modules)
        {
            try
            {
                var registration = Server.Register(handler);
                _modules[handler.Type] = module;
                return registration;
            }
            catch (InvalidOperationException e)
            {
                var owner = _modules.TryGetValue(handler.Type, out var other) ? $"module {other}; use one of the two" : "the kernel; take it out";
                throw new InvalidOperationException($"command {handler.Type} is already answered by {owner}, or give it another name here", e);
            }
        }
    }

    /// <summary>Opens both ends.</summary>
    /// <exception cref="NodeStartException">Another process serves this instance's commands, or the transport can't open them.</exception>
    public static CommandService Open(NodeSettings settings, NodeChannels channels, ulong epoch)
    {
        var commands = channels.Planner.Require(CommandChannels.Commands.Name.Value);
        var acks = channels.Planner.Require(CommandChannels.Acks.Name.Value);
        IReader? reader = null;
        TransportAckSender? sender = null;
        try
        {
            reader = commands.Transport.OpenReader(commands.Spec);
            channels.Readers.Add(reader, commands.Scheme);
            channels.TakenByKernel.Add(commands.Spec.Name.Value);
            sender = new TransportAckSender(acks.Transport, acks.Spec);
            return new CommandService(settings, channels, epoch, reader, sender);
        }
        catch (Exception e) when (e is TransportException or FormatException)
        {
            _ = reader?.DisposeAsync().AsTask();
            _ = sender?.DisposeAsync().AsTask();
            var error = (e as TransportException)?.Error;
            var advice = error == TransportError.InUse ? $", choose another --instance than '{settings.Configuration.Instance}', or set Commands:Serve=false to run beside it" : "";
            throw new NodeStartException(error is { } known ? ExitCodes.Of(known) : ExitCodes.Configuration, e.Message + advice, e);
        }
    }

    public void Start() => _task = Task.Run(SuperviseAsync);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _task;
        await _reader.DisposeAsync();
        await _acks.DisposeAsync();
        _audit.Dispose();
        _stop.Dispose();
    }

    /// <summary>A server that fails is started again: a core that answers no command can't even be told to stop.</summary>
    private async Task SuperviseAsync()
    {
        var backOff = new BackOff();
        while (!_stop.IsCancellationRequested)
        {
            var started = _time.GetTimestamp();
            try
            {
                await Server.RunAsync(_stop.Token);
                return;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                var pause = backOff.After(_time.GetElapsedTime(started));
                _logger.CommandServerFailed(pause.TotalSeconds, e);
                await Task.Delay(pause, _time, _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }
}
