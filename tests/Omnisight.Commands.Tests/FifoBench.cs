using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.TestKit;
using Omnisight.Transport.Fifo;

namespace Omnisight.Commands.Tests;

/// <summary>A core in this process over real FIFOs, in an instance of its own.</summary>
internal sealed class FifoBench : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<IAsyncDisposable> _opened = [];
    private readonly FifoTransport _transport;
    private readonly IReader _reader;
    private readonly TransportAckSender _acks;
    private readonly Task _running;

    public FifoBench(Func<CommandServerOptions, CommandServerOptions>? configure = null)
    {
        _transport = new FifoTransport(new FifoContext(Instance));
        _reader = _transport.OpenReader(CommandChannels.Commands);
        _acks = new TransportAckSender(_transport, CommandChannels.Acks);
        // A loaded machine must not turn a result into a timeout; the test of the timeout sets its own.
        var options = new CommandServerOptions { Instance = Instance.Name, Epoch = CommandServerOptions.NewEpoch(), HandlerTimeout = TimeSpan.FromSeconds(30) };
        Server = new CommandServer(configure?.Invoke(options) ?? options, _reader, _acks, NullLogger.Instance, TimeProvider.System);
        _running = Server.RunAsync(_stop.Token);
    }

    public TestInstance Instance { get; } = new();

    public CommandServer Server { get; }

    public string CommandPath => Instance.FilePath(Instance.Name + "_cmd");

    public string AckPath => Instance.FilePath(Instance.Name + "_cmd_ack");

    /// <summary>A transport as another process would have it.</summary>
    public FifoTransport Transport()
    {
        var transport = new FifoTransport(new FifoContext(Instance));
        _opened.Add(transport);
        return transport;
    }

    public CommandClient Client()
    {
        var transport = Transport();
        return new CommandClient(transport, transport, NullLogger.Instance, TimeProvider.System);
    }

    /// <summary>Writes raw bytes into the commands FIFO from a process of its own, as any shell would.</summary>
    public async Task WriteRaw(byte[] bytes)
    {
        var file = Instance.FilePath(Guid.NewGuid().ToString("n"));
        await File.WriteAllBytesAsync(file, bytes);
        using var cat = ChildProcess.Start("sh", ["-c", $"cat '{file}' > '{CommandPath}'"]);
        await cat.WaitForExit();
        File.Delete(file);
    }

    public Task WriteRaw(string text) => WriteRaw(Encoding.UTF8.GetBytes(text));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _reader.DisposeAsync();
        await _acks.DisposeAsync();
        foreach (var opened in _opened)
        {
            await opened.DisposeAsync();
        }

        await _transport.DisposeAsync();
        _stop.Dispose();
        Instance.Dispose();
    }
}
