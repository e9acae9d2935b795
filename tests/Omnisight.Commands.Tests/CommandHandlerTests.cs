using Omnisight.TestKit;
using Shouldly;
using Xunit;
using static Omnisight.Commands.Tests.ServerBench;

namespace Omnisight.Commands.Tests;

/// <summary>What handlers may do without harm to others: hang, block, throw, end; each type has one, in order.</summary>
public sealed class CommandHandlerTests
{
    [Fact]
    public async Task A_hanging_handler_is_answered_for_and_others_go_on()
    {
        var bench = new ServerBench();
        var never = new TaskCompletionSource<CommandResult>();
        using var hanging = bench.Server.Register(new ScriptedHandler("HANG", (_, _) => new(never.Task)));
        using var echoing = bench.Server.Register(new ScriptedHandler("ECHO"));

        bench.Receive(Line("HANG", "h"));
        (await bench.Ask(Line("ECHO", "e1"))).Success.ShouldBeTrue();
        bench.Clock.Advance(TimeSpan.FromMilliseconds(799));
        bench.Answers.Sent.Count.ShouldBe(1);
        bench.Clock.Advance(TimeSpan.FromMilliseconds(1));

        await Eventually.Become(() => bench.Answers.Sent.Count == 2, "the hanging command is answered for");
        bench.Answers.Last.Code.ShouldBe("timeout");
        (await bench.Ask(Line("HANG", "h"))).Code.ShouldBe("timeout");
        (await bench.Ask(Line("ECHO", "e2"))).Success.ShouldBeTrue();
        never.SetResult(CommandResult.Ok("late"));
    }

    [Fact]
    public async Task A_handler_that_blocks_its_thread_delays_nobody_else()
    {
        var bench = new ServerBench();
        using var release = new ManualResetEventSlim();
        using var hanging = bench.Server.Register(new ScriptedHandler("BLOCK", (_, _) =>
        {
            release.Wait(TimeSpan.FromSeconds(30), CancellationToken.None);
            return new(CommandResult.Ok("unblocked"));
        }));
        using var echoing = bench.Server.Register(new ScriptedHandler("ECHO"));

        bench.Receive(Line("BLOCK", "b"));
        (await bench.Ask(Line("ECHO", "e"))).Success.ShouldBeTrue();
        bench.Clock.Advance(TimeSpan.FromMilliseconds(800));
        await Eventually.Become(() => bench.Answers.Sent.Any(s => s.Acknowledgement.Code == "timeout"), "the blocked command is answered for");
        release.Set();
    }

    [Fact]
    public async Task However_many_handlers_block_others_are_answered_and_the_pool_keeps_its_threads()
    {
        const int Blocking = 64;
        var bench = new ServerBench();
        using var release = new ManualResetEventSlim();
        var onPool = 0;
        var registrations = Enumerable.Range(0, Blocking).Select(i => bench.Server.Register(new ScriptedHandler($"BLOCK{i}", (_, _) =>
        {
            Interlocked.Add(ref onPool, Thread.CurrentThread.IsThreadPoolThread ? 1 : 0);
            release.Wait(TimeSpan.FromMinutes(2), CancellationToken.None);
            return new(CommandResult.Ok("unblocked"));
        }))).ToList();
        using var echo = bench.Server.Register(new ScriptedHandler("ECHO"));

        for (var i = 0; i < Blocking; i++)
        {
            bench.Receive(Line($"BLOCK{i}", $"b{i}"));
        }

        (await bench.Ask(Line("PING", "p"))).Message.ShouldBe("pong");
        (await bench.Ask(Line("ECHO", "e"))).Success.ShouldBeTrue();
        release.Set();
        await Eventually.Become(() => bench.Answers.Sent.Count(s => s.Acknowledgement.Message == "unblocked") == Blocking, "all are answered");
        onPool.ShouldBe(0);
        registrations.ForEach(r => r.Dispose());
    }

    [Fact]
    public async Task A_late_result_replaces_the_remembered_timeout()
    {
        var bench = new ServerBench();
        var late = new TaskCompletionSource<CommandResult>();
        var handler = new ScriptedHandler("SLOW", (_, _) => new(late.Task));
        using var registration = bench.Server.Register(handler);
        bench.Receive(Line("SLOW"));
        await Eventually.Become(() => handler.Handled.Count == 1, "it began");
        bench.Clock.Advance(TimeSpan.FromMilliseconds(800));
        await Eventually.Become(() => bench.Answers.Sent.Count == 1, "the timeout");

        late.SetResult(CommandResult.Ok("after all"));

        await Eventually.Become(async () => (await bench.Ask(Line("SLOW"))).Message == "after all", "a repetition is answered with the result");
        handler.Handled.Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_waits_behind_a_hanging_command_is_not_carried_out_and_may_be_sent_again()
    {
        var bench = new ServerBench();
        var hang = new TaskCompletionSource<CommandResult>();
        var handler = new ScriptedHandler("WORK", (c, _) => c.RequestId == "first" ? new(hang.Task) : new(CommandResult.Ok("done")));
        using var registration = bench.Server.Register(handler);
        bench.Receive(Line("WORK", "first"));
        await Eventually.Become(() => handler.Handled.Count == 1, "it began");
        bench.Receive(Line("WORK", "second"));

        bench.Clock.Advance(TimeSpan.FromMilliseconds(800));
        await Eventually.Become(() => bench.Answers.Sent.Count == 2, "both are answered");
        bench.Answers.Sent.Select(s => (s.Acknowledgement.RequestId, s.Acknowledgement.Code)).ShouldBe([("first", "timeout"), ("second", "busy")], ignoreOrder: true);

        hang.SetResult(CommandResult.Ok("done"));
        await Eventually.Become(async () => (await bench.Ask(Line("WORK", "second"))).Success, "the second is carried out when it is sent again");
        handler.Handled.Select(c => c.RequestId).ShouldBe(["first", "second"]);
    }

    [Fact]
    public async Task A_handler_has_one_command_at_a_time_in_order()
    {
        var bench = new ServerBench(o => o with { Rate = 0 });
        var handler = new ScriptedHandler("WORK", async (_, _) =>
        {
            await Task.Yield();
            return CommandResult.Ok("done");
        });
        using var registration = bench.Server.Register(handler);

        for (var i = 0; i < 500; i++)
        {
            bench.Receive(Line("WORK", $"{i}"));
        }

        await Eventually.Become(() => bench.Answers.Sent.Count == 500, "all are answered");
        handler.MostAtOnce.ShouldBe(1);
        handler.Handled.Select(c => c.RequestId).ShouldBe(Enumerable.Range(0, 500).Select(i => $"{i}"));
    }

    [Fact]
    public async Task A_handler_that_throws_is_answered_as_failed_and_goes_on()
    {
        var bench = new ServerBench();
        using var registration = bench.Server.Register(new ScriptedHandler("THROW", (c, _) =>
            c.RequestId == "bad" ? throw new InvalidOperationException("no such camera 7") : new(CommandResult.Ok("fine"))));

        var failed = await bench.Ask(Line("THROW", "bad"));
        failed.Code.ShouldBe("failed");
        failed.Message.ShouldBe("no such camera 7");
        (await bench.Ask(Line("THROW", "good"))).Success.ShouldBeTrue();
    }

    [Fact]
    public async Task A_type_has_one_handler_until_its_registration_ends()
    {
        var bench = new ServerBench();
        var first = bench.Server.Register(new ScriptedHandler("ECHO"));
        Should.Throw<InvalidOperationException>(() => bench.Server.Register(new ScriptedHandler("ECHO"))).Message.ShouldContain("ECHO");
        Should.Throw<InvalidOperationException>(() => bench.Server.Register(new ScriptedHandler("PING")));

        first.Dispose();
        (await bench.Ask(Line("ECHO", "a"))).Code.ShouldBe("unknown_command");
        using var second = bench.Server.Register(new ScriptedHandler("ECHO"));
        (await bench.Ask(Line("ECHO", "b"))).Success.ShouldBeTrue();
    }

    [Fact]
    public async Task A_command_under_way_is_cancelled_when_its_module_ends()
    {
        var bench = new ServerBench();
        var registration = bench.Server.Register(new ScriptedHandler("WAIT", async (_, cancel) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            return CommandResult.Ok("never");
        }));
        bench.Receive(Line("WAIT", "running"));
        bench.Receive(Line("WAIT", "waiting"));

        registration.Dispose();

        await Eventually.Become(() => bench.Answers.Sent.Count == 2, "both are answered");
        bench.Answers.Sent.ShouldAllBe(s => s.Acknowledgement.Code == "not_enabled");
    }

    [Fact]
    public async Task What_a_handler_hung_on_its_cancellation_does_not_keep_its_module_from_ending()
    {
        var bench = new ServerBench();
        var handler = new ScriptedHandler("WAIT", async (_, cancel) =>
        {
            using var thrower = cancel.Register(() => throw new InvalidOperationException("in a callback"));
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            return CommandResult.Ok("never");
        });
        var registration = bench.Server.Register(handler);
        bench.Receive(Line("WAIT"));
        await Eventually.Become(() => handler.Handled.Count == 1, "it began");

        Should.NotThrow(registration.Dispose);

        await Eventually.Become(() => bench.Answers.Sent.Count == 1, "it is answered");
    }
}
