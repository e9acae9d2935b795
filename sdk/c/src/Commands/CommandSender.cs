using System.Text.Json;
using Omnisight.Commands;
using Omnisight.Transport.Fifo;

namespace Omnisight.Sdk;

/// <summary>What an OmnisightCommands handle stands for. Thread-safe.</summary>
internal sealed class CommandSender : IAsyncDisposable
{
    private readonly FifoTransport _fifo;
    private readonly CommandClient _client;

    public CommandSender(string instance, string runtimeDirectory)
    {
        _fifo = new FifoTransport(new NativeContext("Transport.Fifo", instance, runtimeDirectory, new FifoOptions()));
        try
        {
            _client = new CommandClient(_fifo, _fifo, CallbackLoggerFactory.Instance, TimeProvider.System);
        }
        catch
        {
            _ = _fifo.DisposeAsync().AsTask();
            throw;
        }
    }

    public Acknowledgement Send(string type, JsonElement data, TimeSpan timeout, string? token) => _client.Send(type, data, timeout, token);

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync().ConfigureAwait(false);
        await _fifo.DisposeAsync().ConfigureAwait(false);
    }
}
