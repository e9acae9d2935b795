using System.Text.Json;
using Microsoft.Extensions.Logging;
using Omnisight.Commands;

namespace Omnisight.Kernel.Wiring;

/// <summary>The one command client of a process, opened when it is first used. Without a transport for commands, every command is answered <c>no_core</c>.</summary>
internal sealed class SharedCommandClient(ChannelPlanner planner, ILoggerFactory loggers, TimeProvider time) : ICommandClient, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private CommandClient? _client;
    private bool _disposed;

    public ValueTask<Acknowledgement> SendAsync(string type, JsonElement data, TimeSpan timeout, string? token = null, CancellationToken cancellationToken = default)
    {
        try
        {
            return Open() is { } client ? client.SendAsync(type, data, timeout, token, cancellationToken) : new(NoCore("no active plugin provides the transport of channel 'commands'"));
        }
        catch (TransportException e)
        {
            return new(NoCore(e.Message));
        }
    }

    public async ValueTask DisposeAsync()
    {
        CommandClient? client;
        lock (_lock)
        {
            _disposed = true;
            client = _client;
        }

        if (client is not null)
        {
            await client.DisposeAsync();
        }
    }

    private CommandClient? Open()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_client is null && planner.Find(CommandChannels.Commands.Name.Value) is { } commands && planner.Find(CommandChannels.Acks.Name.Value) is { } acks)
            {
                _client = new CommandClient(commands.Transport, acks.Transport, loggers.CreateLogger("Omnisight.Commands"), time);
            }

            return _client;
        }
    }

    private Acknowledgement NoCore(string reason) => new()
    {
        RequestId = "",
        Success = false,
        Code = CommandCodes.NoCore,
        Message = reason,
        TimestampMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
    };
}
