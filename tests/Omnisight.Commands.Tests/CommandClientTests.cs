using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.TestKit;
using Omnisight.TransportConformance;
using Shouldly;
using Xunit;

namespace Omnisight.Commands.Tests;

public sealed class CommandClientTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly MemoryHub _hub = new();

    [Fact]
    public async Task Every_answer_reaches_the_one_who_asked_awaiting_or_blocking()
    {
        await using var core = new Core(_hub, epoch: 1);
        core.Register("ECHO");
        await using var first = Client();
        await using var second = Client();
        var asking = Enumerable.Range(0, 200).Select(async i =>
        {
            var data = JsonElement.Parse($$"""{"n":{{i}}}""");
            // Those that block have threads of their own: on the pool's they would keep it from the handlers and the other half.
            Task<Acknowledgement> Block(CommandClient client) => Task.Factory.StartNew(() => client.Send("ECHO", data, Long), TaskCreationOptions.LongRunning);
            var answer = await ((i % 4) switch
            {
                0 => first.SendAsync("ECHO", data, Long).AsTask(),
                1 => second.SendAsync("ECHO", data, Long).AsTask(),
                2 => Block(first),
                _ => Block(second),
            });
            answer.Success.ShouldBeTrue(answer.Message);
            answer.Data.GetProperty("n").GetInt32().ShouldBe(i);
        });

        await Task.WhenAll(asking);
        core.Handler("ECHO").Handled.Count.ShouldBe(200);
    }

    [Fact]
    public async Task Threads_that_block_at_the_same_time_read_for_each_other()
    {
        await using var core = new Core(_hub, epoch: 1);
        core.Register("ECHO");
        await using var client = Client();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < 50; i++)
                {
                    client.Send("ECHO", JsonElement.Parse($$"""{"n":{{(thread * 100) + i}}}"""), Long).Data.GetProperty("n").GetInt32().ShouldBe((thread * 100) + i);
                }
            },
            TaskCreationOptions.LongRunning)));
    }

    [Fact]
    public async Task Without_a_core_the_answer_is_no_core()
    {
        await using var client = Client();

        var awaited = await client.SendAsync("PING", default, TimeSpan.FromMilliseconds(50));
        var blocked = client.Send("SHUTDOWN", default, TimeSpan.FromMilliseconds(50));

        foreach (var answer in new[] { awaited, blocked })
        {
            answer.Success.ShouldBeFalse();
            answer.Code.ShouldBe("no_core");
            answer.Message.ShouldContain("start the node");
        }
    }

    [Fact]
    public async Task A_core_that_comes_within_the_time_is_asked()
    {
        await using var client = Client();
        var waiting = client.SendAsync("PING", default, Long);

        await using var core = new Core(_hub, epoch: 1);

        (await waiting).Success.ShouldBeTrue();
    }

    [Fact]
    public async Task A_core_that_does_not_answer_is_an_ack_timeout()
    {
        await using var deaf = new MemoryTransport(_hub).OpenReader(CommandChannels.Commands);
        await using var client = Client();

        (await client.SendAsync("PING", default, TimeSpan.FromMilliseconds(50))).Code.ShouldBe("ack_timeout");
        client.Send("PING", default, TimeSpan.FromMilliseconds(50)).Code.ShouldBe("ack_timeout");
    }

    [Fact]
    public async Task A_lost_line_is_sent_again_under_the_same_id()
    {
        var lost = new MemoryTransport(_hub).OpenReader(CommandChannels.Commands);
        await using var client = Client();
        var waiting = client.SendAsync("PING", default, Long);
        var copy = new LineCopy(5000);
        await Eventually.Become(() => lost.Read(copy, out _) == ReadStatus.Fresh, "the first line");
        var first = CommandParser.Parse(copy.Line).RequestId;
        await lost.DisposeAsync();

        await using var core = new Core(_hub, epoch: 1);

        var answer = await waiting;
        answer.Success.ShouldBeTrue();
        answer.RequestId.ShouldBe(first);
    }

    [Fact]
    public async Task A_command_names_the_core_that_was_greeted_and_follows_to_the_next_when_nothing_was_done()
    {
        await using var client = Client();
        await using (var first = new Core(_hub, epoch: 11))
        {
            first.Register("ECHO");
            (await client.SendAsync("ECHO", default, Long)).Success.ShouldBeTrue();
            client.CoreEpoch.ShouldBe(11ul);
            first.Handler("ECHO").Handled.Single().Epoch.ShouldBe(11ul);
        }

        await using var second = new Core(_hub, epoch: 22);
        second.Register("ECHO");
        (await client.SendAsync("ECHO", default, Long)).Success.ShouldBeTrue();
        client.CoreEpoch.ShouldBe(22ul);
        second.Handler("ECHO").Handled.Single().Epoch.ShouldBe(22ul);
    }

    [Fact]
    public async Task A_repeated_shutdown_never_stops_the_successor()
    {
        await using var client = Client();
        var dying = new Core(_hub, epoch: 11);
        dying.Register("SHUTDOWN", async (_, cancel) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            return CommandResult.Ok("never told");
        }, acknowledges: false);
        var waiting = client.SendAsync("SHUTDOWN", default, Long);
        await Eventually.Become(() => dying.Handler("SHUTDOWN").Handled.Count == 1, "the first core has it");
        await dying.DisposeAsync();

        await using var successor = new Core(_hub, epoch: 22);
        successor.Register("SHUTDOWN");

        (await waiting).Code.ShouldBe("wrong_epoch");
        successor.Handler("SHUTDOWN").Handled.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_command_that_is_too_long_is_told_at_once()
    {
        await using var core = new Core(_hub, epoch: 1);
        await using var client = Client();
        var data = JsonElement.Parse($$"""{"x":"{{new string('x', 5000)}}"}""");

        (await client.SendAsync("ECHO", data, Long)).Code.ShouldBe("too_large");
        client.Send("ECHO", data, Long).Code.ShouldBe("too_large");
    }

    [Fact]
    public async Task Waiting_can_be_cancelled()
    {
        await using var deaf = new MemoryTransport(_hub).OpenReader(CommandChannels.Commands);
        await using var client = Client();
        using var cancel = new CancellationTokenSource();
        var waiting = client.SendAsync("PING", default, Long, cancellationToken: cancel.Token);

        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(async () => await waiting);
    }

    private CommandClient Client() => new(new MemoryTransport(_hub), new MemoryTransport(_hub), NullLogger.Instance, TimeProvider.System);

    /// <summary>A core in this process.</summary>
    private sealed class Core : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Dictionary<string, ScriptedHandler> _handlers = [];
        private readonly List<IDisposable> _registrations = [];
        private readonly IReader _reader;
        private readonly SilenceableSender _acks;
        private readonly CommandServer _server;
        private readonly Task _running;

        public Core(MemoryHub hub, ulong epoch)
        {
            var transport = new MemoryTransport(hub);
            _reader = transport.OpenReader(CommandChannels.Commands);
            _acks = new SilenceableSender(new TransportAckSender(transport, CommandChannels.Acks));
            _server = new CommandServer(
                new CommandServerOptions { Instance = "core", Epoch = epoch, Rate = 0, OwnerIsEnough = () => true, HandlerTimeout = Long }, _reader, _acks, NullLogger.Instance, TimeProvider.System);
            _running = _server.RunAsync(_stop.Token);
        }

        public void Register(string type, Func<Command, CancellationToken, ValueTask<CommandResult>>? script = null, bool acknowledges = true)
        {
            _handlers[type] = new ScriptedHandler(type, script, CommandScope.Admin);
            _acks.Silent = acknowledges ? null : "SHUTDOWN";
            _registrations.Add(_server.Register(_handlers[type]));
        }

        public ScriptedHandler Handler(string type) => _handlers[type];

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _registrations.ForEach(r => r.Dispose());
            await _running;
            await _reader.DisposeAsync();
            _stop.Dispose();
        }
    }

    /// <summary>Loses what a core that died would not have sent.</summary>
    private sealed class SilenceableSender(IAckSender inner) : IAckSender
    {
        public string? Silent { get; set; }

        public PublishResult Send(string? replyTo, ReadOnlySpan<byte> line) =>
            Silent is not null && line.IndexOf("epoch"u8) < 0 ? PublishResult.Published : inner.Send(replyTo, line);
    }
}
