using Omnisight.Transport.Files.Testing;
using Shouldly;
using Xunit;

namespace Omnisight.Transport.Fifo.Tests;

public sealed class Fifo_manifest : FifoTest
{
    [Fact]
    public void The_manifest_describes_the_options() => ManifestChecks.ShouldDescribe<FifoOptions>("Transport.Fifo");

    [Fact]
    public void Every_point_of_death_has_a_test() => FaultPoints.ShouldAllBeTested("Transport.Fifo");

    [Fact]
    public void A_group_that_does_not_exist_is_named()
    {
        var refused = Should.Throw<TransportException>(() => Other(new FifoOptions { Group = "no-such-group" }).OpenReader(FifoChannels.Commands));
        refused.Message.ShouldContain("no-such-group");
    }

    [Fact]
    public async Task Members_of_the_group_may_write_commands()
    {
        Root.Require();
        var transport = Other(new FifoOptions { Group = "65534" });
        await using var reader = transport.OpenReader(FifoChannels.Commands);
        using var stat = TestKit.ChildProcess.Start("stat", ["-c", "%g %a", CommandsPath]);
        (await stat.WaitForLine("65534")).ShouldBe("65534 620");
    }

    [Fact]
    [Trait("Category", "Process")]
    public async Task Another_user_of_the_group_commands_and_is_answered_and_another_group_is_not()
    {
        Root.Require();
        Root.GiveToGroup(Instance.Directory, Root.Nobody);
        File.SetUnixFileMode(Instance.Directory, (UnixFileMode)0x1E8);
        using var core = Peer.Start(Instance, "fifo", $"answer --group {Root.Nobody}");
        await core.WaitForLine("answering");
        using (var member = Peer.Start(Instance, "fifo", $"ask --count 200 --group {Root.Nobody}", $"setpriv --reuid=65533 --regid={Root.Nobody} --clear-groups"))
        {
            if (await member.WaitForExit() != 0 && !member.Transcript().Contains("Omnisight", StringComparison.Ordinal))
            {
                Assert.Skip($"another user can't run the build of this checkout: {member.Transcript()}");
            }

            member.Output.LastOrDefault().ShouldNotBeNull(member.Transcript()).ShouldContain("\"answers\":200,\"foreign\":0,\"bad\":0,\"disorder\":0,\"lost\":0");
        }

        using var stranger = Peer.Start(Instance, "fifo", $"hold inbox --group {Root.Nobody}", "setpriv --reuid=65532 --regid=65532 --clear-groups");
        (await stranger.WaitForExit()).ShouldBe(77, stranger.Transcript());
        await core.Finish();
    }

    [Fact]
    public async Task A_second_reader_that_means_to_steal_gets_lines_too()
    {
        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        await using var thief = Other(new FifoOptions { Steal = true }).OpenReader(FifoChannels.Commands);
        WriteRaw(CommandsPath, "{\"n\":1}\n").ShouldBeTrue();
        thief.ReadText(out var text).ShouldBe(ReadStatus.Fresh);
        text.ShouldBe("{\"n\":1}");
        await thief.DisposeAsync();
        WriteRaw(CommandsPath, "{\"n\":2}\n").ShouldBeTrue();
        reader.ReadText(out text).ShouldBe(ReadStatus.Fresh);
        text.ShouldBe("{\"n\":2}");
    }
}
