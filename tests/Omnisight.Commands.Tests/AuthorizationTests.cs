using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.TestKit;
using Shouldly;
using Xunit;
using static Omnisight.Commands.Tests.ServerBench;

namespace Omnisight.Commands.Tests;

public sealed class AuthorizationTests : IDisposable
{
    private readonly TestInstance _instance = new();

    private string AuditPath => _instance.FilePath(_instance.Name + "_audit.ndjson");

    public void Dispose() => _instance.Dispose();

    [Theory]
    [InlineData(CommandScope.Config)]
    [InlineData(CommandScope.Admin)]
    public async Task Without_the_scope_it_is_refused_and_recorded(CommandScope scope)
    {
        var keys = KeyStore.Open(_instance.Directory, _instance.Name, TimeProvider.System);
        keys.Add([CommandScope.Read, CommandScope.Command], null, out var weak);
        using var audit = Audit();
        var bench = new ServerBench(o => o with { Keys = keys, Audit = audit });
        var handler = new ScriptedHandler("SHUTDOWN", scope: scope);
        using var registration = bench.Server.Register(handler);

        foreach (var more in new[] { "", Token("omni_00000000_wrong"), Token(weak) })
        {
            var answer = await bench.Ask(Line("SHUTDOWN", Guid.NewGuid().ToString(), more: more));
            answer.Code.ShouldBe("unauthorized");
            answer.Message.ShouldContain(more.Contains("wrong") ? "not known" : CommandScopes.Name(scope));
        }

        handler.Handled.ShouldBeEmpty();
        var lines = File.ReadAllLines(AuditPath);
        lines.Length.ShouldBe(3);
        lines.ShouldAllBe(l => l.Contains("\"action\":\"SHUTDOWN\",\"outcome\":\"unauthorized\""));
        string.Concat(lines).ShouldNotContain(weak);
        (await bench.Ask(Line("PING"))).Success.ShouldBeTrue("it still runs");
    }

    [Fact]
    public async Task The_scope_opens_its_commands_and_admin_opens_all()
    {
        var keys = KeyStore.Open(_instance.Directory, _instance.Name, TimeProvider.System);
        keys.Add([CommandScope.Config], null, out var config);
        keys.Add([CommandScope.Admin], null, out var admin);
        using var audit = Audit();
        var bench = new ServerBench(o => o with { Keys = keys, Audit = audit });
        using var shutdown = bench.Server.Register(new ScriptedHandler("SHUTDOWN", scope: CommandScope.Admin));
        using var update = bench.Server.Register(new ScriptedHandler("CONFIG_UPDATE", scope: CommandScope.Config));

        (await bench.Ask(Line("CONFIG_UPDATE", "1", more: Token(config)))).Success.ShouldBeTrue();
        (await bench.Ask(Line("SHUTDOWN", "2", more: Token(config)))).Code.ShouldBe("unauthorized");
        (await bench.Ask(Line("CONFIG_UPDATE", "3", more: Token(admin)))).Success.ShouldBeTrue();
        (await bench.Ask(Line("SHUTDOWN", "4", more: Token(admin)))).Success.ShouldBeTrue();

        await Eventually.Become(() => File.ReadAllLines(AuditPath).Length == 4, "four lines of audit");
    }

    [Fact]
    public async Task A_token_that_is_shown_is_judged_though_none_is_needed()
    {
        var keys = KeyStore.Open(_instance.Directory, _instance.Name, TimeProvider.System);
        var key = keys.Add([CommandScope.Read], null, out var token);
        using var audit = Audit();
        var bench = new ServerBench(o => o with { Keys = keys, Audit = audit });
        var handler = new ScriptedHandler("REFRESH_TIMELINES");
        using var registration = bench.Server.Register(handler);

        (await bench.Ask(Line("REFRESH_TIMELINES", "1"))).Success.ShouldBeTrue();
        (await bench.Ask(Line("REFRESH_TIMELINES", "2", more: Token(token)))).Success.ShouldBeTrue();
        keys.Revoke(key.Id).ShouldBeTrue();
        var answer = await bench.Ask(Line("REFRESH_TIMELINES", "3", more: Token(token)));

        answer.Code.ShouldBe("unauthorized");
        answer.Message.ShouldContain("revoked");
        handler.Handled.Count.ShouldBe(2);
        File.ReadAllLines(AuditPath).ShouldHaveSingleItem().ShouldContain("\"outcome\":\"unauthorized\"");
    }

    [Fact]
    public async Task The_record_says_what_was_changed()
    {
        using var audit = Audit();
        var bench = new ServerBench(o => o with { OwnerIsEnough = () => true, Audit = audit });
        using var update = bench.Server.Register(
            new ScriptedHandler("CONFIG_UPDATE", (_, _) => new(CommandResult.Ok("changed Perception.Simulator:Fps")), CommandScope.Config));

        await bench.Ask(Line("CONFIG_UPDATE", "1", more: ",\"reply_to\":\"12-34\""));

        var line = System.Text.Json.JsonElement.Parse(File.ReadAllLines(AuditPath).ShouldHaveSingleItem());
        line.GetProperty("detail").GetString().ShouldBe("changed Perception.Simulator:Fps");
        line.GetProperty("reply_to").GetString().ShouldBe("12-34");
    }

    [Fact]
    public async Task Where_only_the_owner_can_write_no_token_is_needed_and_a_wrong_one_is_still_wrong()
    {
        var bench = new ServerBench(o => o with { OwnerIsEnough = () => true });
        using var registration = bench.Server.Register(new ScriptedHandler("SHUTDOWN", scope: CommandScope.Admin));

        (await bench.Ask(Line("SHUTDOWN", "a", more: Token("omni_00000000_wrong")))).Code.ShouldBe("unauthorized");
        (await bench.Ask(Line("SHUTDOWN", "b"))).Success.ShouldBeTrue();
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, true)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute, false)]
    public void The_owner_is_enough_only_in_a_directory_of_his_own(UnixFileMode mode, bool enough)
    {
        File.SetUnixFileMode(_instance.Directory, mode);

        RuntimeDirectoryOwnership.OwnerIsEnough(_instance.Directory).ShouldBe(enough);
        RuntimeDirectoryOwnership.OwnerIsEnough(_instance.FilePath("missing")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_directory_that_is_opened_to_others_while_the_core_runs_ends_the_owners_privilege()
    {
        var bench = new ServerBench(o => o with { OwnerIsEnough = () => RuntimeDirectoryOwnership.OwnerIsEnough(_instance.Directory) });
        using var registration = bench.Server.Register(new ScriptedHandler("SHUTDOWN", scope: CommandScope.Admin));
        (await bench.Ask(Line("SHUTDOWN", "a"))).Success.ShouldBeTrue();

        File.SetUnixFileMode(_instance.Directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);

        (await bench.Ask(Line("SHUTDOWN", "b"))).Code.ShouldBe("unauthorized");
    }

    private static string Token(string token) => $",\"token\":\"{token}\"";

    private AuditLog Audit() => AuditLog.Open(_instance.Directory, _instance.Name, TimeProvider.System, NullLogger.Instance);
}
