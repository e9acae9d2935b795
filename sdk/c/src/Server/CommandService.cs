using System.Text.Json;
using Omnisight.Commands;

namespace Omnisight.Sdk;

/// <summary>The commands of a server: FIFO, handlers, acknowledgements.</summary>
internal sealed class CommandService : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CallbackGate _gate = new();
    private readonly List<IDisposable> _registrations = [];
    private readonly RecentRequests _recent = new();
    private readonly IReader _reader;
    private readonly TransportAckSender _acks;
    private readonly CommandServer _server;
    private readonly ServerConfig _config;
    private readonly Task _run;

    public CommandService(ITransport transport, in ServerConfig config, string instance, string runtimeDirectory, Action<Utf8JsonWriter> greeting)
    {
        _config = config;
        _reader = transport.OpenReader(CommandChannels.Commands);
        try
        {
            _acks = new TransportAckSender(transport, CommandChannels.Acks);
        }
        catch
        {
            _ = _reader.DisposeAsync().AsTask();
            throw;
        }

        var options = new CommandServerOptions
        {
            Instance = instance,
            Epoch = CommandServerOptions.NewEpoch(),
            Rate = (int)Math.Min(config.CommandRate, int.MaxValue),
            Keys = KeyStore.Open(runtimeDirectory, instance, TimeProvider.System, CallbackLoggerFactory.Instance),
            OwnerIsEnough = () => RuntimeDirectoryOwnership.OwnerIsEnough(runtimeDirectory),
            Greeting = greeting,
        };
        _server = new CommandServer(options, _reader, _acks, CallbackLoggerFactory.Instance, TimeProvider.System);
        if (HasCallback)
        {
            Add("CONFIG_UPDATE", CommandScope.Config, CommandType.ConfigUpdate);
            Add("REFRESH_TIMELINES", CommandScope.Command, CommandType.RefreshTimelines);
            Add("SYNC_SWARM", CommandScope.Command, CommandType.SyncSwarm);
            Add("SHUTDOWN", CommandScope.Admin, CommandType.Shutdown);
        }

        _run = _server.RunAsync(_stop.Token);
    }

    public ulong Epoch => _server.Epoch;

    public CommandCounters Counters => _server.Counters;

    private unsafe bool HasCallback => _config.CommandCallback != null;

    public unsafe void Add(string type, CommandScope scope, CommandType number)
    {
        if (!HasCallback)
        {
            throw new BadArgumentException($"command {type} has nobody to carry it out: set command_callback in the configuration");
        }

        try
        {
            var registration = _server.Register(new CallbackHandler(type, scope, number, _config.CommandCallback, _config.CallbackUserData, _gate, _recent));
            lock (_registrations)
            {
                _registrations.Add(registration);
            }
        }
        catch (InvalidOperationException e)
        {
            throw new BadArgumentException(e.Message);
        }
    }

    /// <summary>An acknowledgement after its callback: to the inbox that the request named, or to the shared acknowledgements.</summary>
    public PublishResult Send(Acknowledgement acknowledgement) =>
        _acks.Send(_recent.Find(acknowledgement.RequestId), AcknowledgementFormat.Write(acknowledgement));

    /// <summary>Afterwards no callback runs, except the one that calls this.</summary>
    public ValueTask DisposeAsync()
    {
        _stop.Cancel();

        // On the caller's own thread: a callback that stops its server must not wait for itself.
        _gate.Close();
        return CloseAsync();
    }

    private async ValueTask CloseAsync()
    {
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _registrations.ForEach(r => r.Dispose());
        await _reader.DisposeAsync().ConfigureAwait(false);
        await _acks.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }
}
