using Microsoft.Extensions.Logging;
using Omnisight.TestKit;
using Omnisight.Transport.Files.Testing;
using Shouldly;
using Xunit;

namespace Omnisight.Transport.Fifo.Tests;

/// <summary>What may lie where the FIFO should be, before and while it is used.</summary>
public sealed class Wrong_files : FifoTest
{
    [Fact]
    public async Task A_fifo_replaced_by_a_regular_file_is_told_and_made_anew()
    {
        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        File.Delete(CommandsPath);
        await File.WriteAllTextAsync(CommandsPath, "{\"lost\":true}\n");

        var (_, info) = await Waiting(reader, ReadStatus.Rejected);
        info.Rejection.Reason.ShouldBe(RejectReason.NotFifo);
        reader.Counters.Rejects(RejectReason.NotFifo).ShouldBe(1);
        Context.Log.ShouldContain(l => l.Level == LogLevel.Error && l.Message.Contains("not_fifo"));

        WriteRaw(CommandsPath, "{\"n\":1}\n").ShouldBeTrue();
        (await Waiting(reader, ReadStatus.Fresh)).Text.ShouldBe("{\"n\":1}");
    }

    [Fact]
    public async Task A_fifo_that_was_removed_is_made_anew_and_writers_find_it()
    {
        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        await using var publisher = Transport.OpenPublisher(FifoChannels.Commands);
        publisher.Publish("{\"n\":0}"u8).ShouldBe(PublishResult.Published);
        await reader.ReadUntil(ReadStatus.Fresh);
        File.Delete(CommandsPath);
        await Eventually.Become(
            async () =>
            {
                await reader.WaitAsync(CancellationToken.None);
                reader.ReadText(out _);
                return File.Exists(CommandsPath);
            },
            "the FIFO is there again");

        publisher.Publish("{\"n\":1}"u8).ShouldBe(PublishResult.Published);
        (await Waiting(reader, ReadStatus.Fresh)).Text.ShouldBe("{\"n\":1}");
    }

    [Fact]
    public async Task A_regular_file_of_ours_from_before_is_replaced()
    {
        await File.WriteAllTextAsync(CommandsPath, "what an early echo left");
        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        WriteRaw(CommandsPath, "{}\n").ShouldBeTrue();
        reader.ReadText(out _).ShouldBe(ReadStatus.Fresh);
        Context.Log.ShouldContain(l => l.Level == LogLevel.Error && l.Message.Contains("not_fifo"));
    }

    [Fact]
    public async Task A_leftover_of_a_killed_reader_is_made_anew_without_its_old_bytes()
    {
        using var peer = Peer.Start(Instance, "fifo", "hold reader");
        await peer.WaitForLine("holding");
        WriteRaw(CommandsPath, "{\"old\":1}\n{\"half").ShouldBeTrue();
        peer.Signal(ChildProcess.SigKill);
        await peer.WaitForExit();

        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        WriteRaw(CommandsPath, "{\"new\":1}\n").ShouldBeTrue();
        (await Waiting(reader, ReadStatus.Fresh)).Text.ShouldBe("{\"new\":1}");
    }

    [Fact]
    public void A_symbolic_link_is_refused()
    {
        File.CreateSymbolicLink(CommandsPath, "/tmp/elsewhere");
        Should.Throw<TransportException>(() => Transport.OpenReader(FifoChannels.Commands)).Error.ShouldBe(TransportError.Unsafe);
        new FileInfo(CommandsPath).LinkTarget.ShouldBe("/tmp/elsewhere");
    }

    [Fact]
    public async Task A_link_that_takes_the_place_of_the_fifo_is_refused_and_said()
    {
        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        File.Delete(CommandsPath);
        File.CreateSymbolicLink(CommandsPath, "/tmp/elsewhere");
        (await Waiting(reader, ReadStatus.Rejected)).Info.Rejection.Reason.ShouldBe(RejectReason.UnsafeOwner);

        File.Delete(CommandsPath);
        await Eventually.Become(() => reader.ReadText(out _) != ReadStatus.Rejected && File.Exists(CommandsPath), "the FIFO is there again");
    }

    [Fact]
    public void A_fifo_that_everyone_may_write_is_refused()
    {
        MakeFifo();
        File.SetUnixFileMode(CommandsPath, (UnixFileMode)0x1B6);
        var refused = Should.Throw<TransportException>(() => Transport.OpenReader(FifoChannels.Commands));
        refused.Error.ShouldBe(TransportError.Unsafe);
        refused.Message.ShouldContain(CommandsPath);
        refused.Message.ShouldContain("mode 0666");
    }

    [Fact]
    public void A_fifo_of_another_user_is_refused_by_both_ends()
    {
        Root.Require();
        MakeFifo();
        Root.GiveToNobody(CommandsPath);
        var refused = Should.Throw<TransportException>(() => Transport.OpenReader(FifoChannels.Commands));
        refused.Error.ShouldBe(TransportError.Unsafe);
        refused.Message.ShouldContain("owned by uid 65534");
        File.Exists(CommandsPath).ShouldBeTrue();
    }

    [Fact]
    public async Task A_writer_does_not_write_into_a_fifo_of_another_user()
    {
        Root.Require();
        await using var publisher = Transport.OpenPublisher(FifoChannels.Commands);
        MakeFifo();
        Root.GiveToNobody(CommandsPath);
        using var cat = ChildProcess.Start("cat", [CommandsPath]);
        await Eventually.Become(() => publisher.Publish("{\"secret\":1}"u8) == PublishResult.Failed, "the write is refused");
        publisher.Counters.Rejects(RejectReason.UnsafeOwner).ShouldBeGreaterThan(0);
        cat.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task Modes_are_as_said_whatever_the_umask()
    {
        await using var commands = Transport.OpenReader(FifoChannels.Commands);
        await using var acks = Transport.OpenPublisher(FifoChannels.Acks);
        await using var inbox = Transport.OpenInbox(FifoChannels.Acks);
        Mode(CommandsPath).ShouldBe("620");
        Mode(AcksPath).ShouldBe("640");
        Mode($"{AcksPath}.{inbox.Address}").ShouldBe("600");
        Mode(Instance.FilePath($".{Instance.Name}_cmd.reader.lock")).ShouldBe("600");
    }

    [Fact]
    public void A_directory_that_may_not_be_written_is_named_with_the_user()
    {
        Root.Require();
        var output = RunAsNobody("hold reader");
        output.ExitCode.ShouldBe(77, output.Transcript);
        output.Transcript.ShouldContain("Permission: channel 'commands'");
        output.Transcript.ShouldContain(Instance.Directory);
        output.Transcript.ShouldContain("as uid 65534");
    }

    private (int ExitCode, string Transcript) RunAsNobody(string arguments)
    {
        File.SetUnixFileMode(Instance.Directory, (UnixFileMode)0x1ED);
        using var peer = Peer.Start(Instance, "fifo", arguments, "setpriv --reuid=65534 --regid=65534 --clear-groups");
        peer.Input.Close();
        var code = peer.WaitForExit().GetAwaiter().GetResult();
        if (peer.Transcript().Contains("setpriv", StringComparison.Ordinal) || code is 127 or 126 or 145 or 131 or 150)
        {
            Assert.Skip($"another user can't run the build of this checkout: {peer.Transcript()}");
        }

        return (code, peer.Transcript());
    }

    private void MakeFifo()
    {
        using var make = ChildProcess.Start("mkfifo", ["-m", "600", CommandsPath]);
        make.WaitForExit().GetAwaiter().GetResult().ShouldBe(0);
    }

    private static string Mode(string path) => Convert.ToString((int)File.GetUnixFileMode(path), 8);

    /// <summary>Reads as a loop does: read, wait, read.</summary>
    private static async Task<(string Text, SampleInfo Info)> Waiting(IReader reader, ReadStatus status)
    {
        var decoder = new TextDecoder();
        SampleInfo info = default;
        await Eventually.Become(
            async () =>
            {
                if (reader.Read(decoder, out info) == status)
                {
                    return true;
                }

                await reader.WaitAsync(CancellationToken.None);
                return false;
            },
            status.ToString());
        return (decoder.Text, info);
    }
}
