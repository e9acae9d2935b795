using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.TestKit;
using Omnisight.Transport.Fifo;
using Shouldly;
using Xunit;

namespace Omnisight.Commands.Tests;

/// <summary>Core and clients as processes of their own.</summary>
[Trait("Category", "Process")]
public sealed class FifoProcessTests : IDisposable
{
    private static readonly string Peer = TestPaths.Assembly("tests/Omnisight.PeerProcess");
    private static readonly TimeSpan Watchdog = TimeSpan.FromMinutes(3);

    private readonly TestInstance _instance = new();

    public void Dispose() => _instance.Dispose();

    [Fact]
    public async Task Four_clients_send_ten_thousand_commands_each_and_every_answer_reaches_its_sender()
    {
        using var core = await Core();
        var clients = Enumerable.Range(0, 4).Select(_ => Start("send", "--count", "10000", "--window", "16")).ToList();

        foreach (var client in clients)
        {
            (await client.WaitForExit(Watchdog)).ShouldBe(0, client.Transcript());
            client.Output.Last().ShouldBe("right 10000 wrong 0 lost 0");
            client.Dispose();
        }

        (await Counters(core)).ShouldStartWith("received 4");
    }

    [Fact]
    public async Task An_idle_core_rests_after_its_clients_are_gone()
    {
        using var core = await Core();
        using (var client = Start("send", "--count", "100"))
        {
            (await client.WaitForExit()).ShouldBe(0, client.Transcript());
        }

        // Reading end of file over and over would take a whole core: 200 of these ticks.
        var before = CpuTicks(core.Id);
        await Task.Delay(TimeSpan.FromSeconds(2));
        (CpuTicks(core.Id) - before).ShouldBeLessThan(60, "CPU ticks of 10 ms in 2 s without clients");

        using var next = Start("send", "--count", "1");
        (await next.WaitForExit()).ShouldBe(0, next.Transcript());
    }

    [Fact]
    public async Task A_core_that_is_killed_between_deed_and_answer_is_not_made_to_do_it_twice()
    {
        var journal = _instance.FilePath("journal");
        var first = await Core("--journal", journal);
        using var client = Start("send", "--type", "JOURNAL_DIE", "--timeout-ms", "60000");
        await first.WaitForExit();
        first.Dispose();

        using var second = await Core("--journal", journal);

        (await client.WaitForExit(Watchdog)).ShouldBe(1);
        client.Transcript().ShouldContain("wrong_epoch");
        (await File.ReadAllLinesAsync(journal)).Length.ShouldBe(1);
        second.HasExited.ShouldBeFalse();
    }

    [Fact]
    public async Task A_client_goes_on_with_the_next_core()
    {
        var first = await Core();
        await using var transport = new FifoTransport(new FifoContext(_instance));
        await using var client = new CommandClient(transport, transport, NullLogger.Instance, TimeProvider.System);
        (await client.SendAsync("ECHO", default, Watchdog)).Success.ShouldBeTrue();
        var epoch = client.CoreEpoch;
        first.Signal(ChildProcess.SigKill);
        await first.WaitForExit();
        first.Dispose();

        var waiting = client.SendAsync("ECHO", default, Watchdog);
        using var second = await Core();

        var answer = await waiting;
        answer.Success.ShouldBeTrue($"{answer.Code}: {answer.Message}");
        client.CoreEpoch.ShouldNotBe(epoch);
    }

    private async Task<ChildProcess> Core(params string[] more)
    {
        var core = Start(["serve", .. more]);
        await core.WaitForLine("serving");
        return core;
    }

    private ChildProcess Start(params string[] arguments) =>
        ChildProcess.StartDotnet(Peer, [.. arguments, "--instance", _instance.Name, "--directory", _instance.Directory]);

    private static async Task<string> Counters(ChildProcess core)
    {
        core.Input.Close();
        return await core.WaitForLine("received");
    }

    private static long CpuTicks(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
    }
}
