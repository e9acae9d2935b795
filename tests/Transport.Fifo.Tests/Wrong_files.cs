using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Omnisight.TestKit;
using Omnisight.Transport.Files;
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

    [Theory]
    [InlineData("rm -f")]
    [InlineData("rm -f; echo lost >")]
    public async Task The_pipe_of_answers_is_made_anew_too(string what)
    {
        await using var acks = Transport.OpenPublisher(FifoChannels.Acks);
        var inode = Inode(AcksPath);
        using (var shell = ChildProcess.Start("sh", ["-c", string.Join("; ", what.Split("; ").Select(w => $"{w} '{AcksPath}'"))]))
        {
            (await shell.WaitForExit()).ShouldBe(0, shell.Transcript());
        }

        await Eventually.Become(() => Inode(AcksPath) is var now && now.StartsWith("fifo", StringComparison.Ordinal) && now != inode, "it is a FIFO again");
        Mode(AcksPath).ShouldBe("640");
        using var head = ChildProcess.Start("head", ["-n", "1", AcksPath]);
        acks.Publish("{\"n\":1}"u8);
        (await head.WaitForLine("{")).ShouldBe("{\"n\":1}");
    }

    [Fact]
    public async Task Whoever_writes_all_the_time_never_finds_the_place_empty()
    {
        // A regular file where the FIFO was is what a shell leaves that writes between its removal and its making.
        await using (Transport.OpenReader(FifoChannels.Commands))
        {
        }

        MakeFifo();
        using var writer = ChildProcess.Start("sh", ["-c", $"while [ -e '{Instance.Directory}' ]; do exec 3<> '{CommandsPath}'; exec 3>&-; done"]);
        for (var i = 0; i < 300; i++)
        {
            var file = new FifoFile(CommandsPath, "channel 'commands'", 0x190, null, _ => true, Context, new LogThrottle(TimeProvider.System));
            var fd = file.MakeAndOpen(4096, out var made, out var replacedFile);
            UnixFile.Close(ref fd);
            replacedFile.ShouldBeFalse();
            made.Mode.ShouldBe(0x190u);
        }

        writer.Signal(ChildProcess.SigKill);
        await writer.WaitForExit();
    }

    [Fact]
    public async Task A_reader_killed_while_it_makes_the_fifo_leaves_the_way_free_and_its_place_never_empty()
    {
        MakeFifo();
        var leftover = Inode(CommandsPath);
        for (var life = 0; life < 2; life++)
        {
            using var peer = Peer.Start(Instance, "fifo", "hold reader --fault fifo.made");
            await peer.WaitForExit();
            Inode(CommandsPath).ShouldBe(leftover, "only a whole one comes there");
        }

        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        Directory.EnumerateFiles(Instance.Directory, "*.new").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_writer_that_keeps_a_replaced_fifo_busy_does_not_hide_that_it_was_replaced()
    {
        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        using var busy = ChildProcess.Start("sh", ["-c", $"exec 3> '{CommandsPath}'; echo open; while echo '{{\"busy\":1}}' >&3; do :; done"]);
        await busy.WaitForLine("open");
        File.Delete(CommandsPath);
        await Eventually.Become(
            () =>
            {
                reader.ReadText(out _);
                return File.Exists(CommandsPath);
            },
            "the FIFO is there again");
        WriteRaw(CommandsPath, "{\"n\":1}\n").ShouldBeTrue();
        await Eventually.Become(
            () =>
            {
                string text;
                while (reader.ReadText(out text) == ReadStatus.Fresh && text.Contains("busy", StringComparison.Ordinal))
                {
                }

                return text == "{\"n\":1}";
            },
            "behind what the old one still held comes the new one's");
    }

    [Fact]
    public async Task What_was_written_before_the_fifo_was_replaced_is_still_read()
    {
        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        WriteRaw(CommandsPath, "{\"n\":1}\n{\"n\":2}\n{\"half").ShouldBeTrue();
        File.Delete(CommandsPath);
        var texts = new List<string>();
        await Eventually.Become(
            () =>
            {
                if (reader.ReadText(out var text) == ReadStatus.Fresh)
                {
                    texts.Add(text);
                }

                return File.Exists(CommandsPath) && texts.Count == 2;
            },
            "the FIFO is there again and both lines are read");
        texts.ShouldBe(["{\"n\":1}", "{\"n\":2}"]);
        WriteRaw(CommandsPath, "{\"n\":3}\n").ShouldBeTrue();
        (await reader.ReadUntil(ReadStatus.Fresh)).Text.ShouldBe("{\"n\":3}");
    }

    [Fact]
    public async Task A_thief_opens_what_the_owner_makes_and_never_makes_it()
    {
        var owner = Transport.OpenReader(FifoChannels.Commands);
        await using var thief = Other(new FifoOptions { Steal = true }).OpenReader(FifoChannels.Commands);
        await owner.DisposeAsync();
        await using var next = Other(new FifoOptions()).OpenReader(FifoChannels.Commands);
        var inode = Inode(CommandsPath);
        await Eventually.Become(
            () =>
            {
                WriteRaw(CommandsPath, "{}\n").ShouldBeTrue();
                return thief.ReadText(out _) == ReadStatus.Fresh;
            },
            "the thief reads the next owner's lines");
        Inode(CommandsPath).ShouldBe(inode);
        await thief.DisposeAsync();
        Inode(CommandsPath).ShouldBe(inode);
    }

    [Fact]
    public async Task What_stays_wrong_is_logged_once_a_minute()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var reader = Other(new FifoOptions(), time).OpenReader(FifoChannels.Commands);
        File.Delete(CommandsPath);
        File.CreateSymbolicLink(CommandsPath, "/tmp/elsewhere");
        var log = OtherContext.Log;
        for (var i = 0; i < 100; i++)
        {
            time.Advance(TimeSpan.FromSeconds(0.6));
            reader.ReadText(out _).ShouldBe(ReadStatus.Rejected);
        }

        log.Count(l => l.Message.Contains(CommandsPath)).ShouldBe(1);
        time.Advance(TimeSpan.FromSeconds(2));
        reader.ReadText(out _);
        log.Count(l => l.Message.Contains(CommandsPath)).ShouldBe(2);
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
    public async Task A_fifo_that_is_opened_to_everyone_while_it_is_read_is_closed_again_and_said_once()
    {
        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        for (var i = 0; i < 2; i++)
        {
            File.SetUnixFileMode(CommandsPath, (UnixFileMode)0x1B6);
            await Eventually.Become(() => reader.ReadText(out _) == ReadStatus.NotReady && Mode(CommandsPath) == "620", "its mode is that of before");
        }

        Context.Log.Count(l => l.Level == LogLevel.Error && l.Message.Contains("opened to everyone")).ShouldBe(1);
    }

    [Fact]
    public async Task A_lock_that_is_removed_under_its_owner_is_taken_again_and_keeps_others_out()
    {
        var path = Instance.FilePath($".{Instance.Name}_cmd.reader.lock");
        await using var reader = Transport.OpenReader(FifoChannels.Commands);
        File.Delete(path);
        await Eventually.Become(() => reader.ReadText(out _) == ReadStatus.NotReady && File.Exists(path), "the lock is there again");

        var refused = Should.Throw<TransportException>(() => Other(new FifoOptions()).OpenReader(FifoChannels.Commands));
        refused.Error.ShouldBe(TransportError.InUse);
        refused.Message.ShouldContain($"pid {Environment.ProcessId}");
    }

    [Fact]
    public async Task Who_was_quicker_to_take_a_removed_lock_keeps_the_channel()
    {
        var path = Instance.FilePath($".{Instance.Name}_cmd.reader.lock");
        var first = Transport.OpenReader(FifoChannels.Commands);
        File.Delete(path);
        await using var second = Other(new FifoOptions()).OpenReader(FifoChannels.Commands);
        var inode = Inode(CommandsPath);
        await Eventually.Become(() => first.ReadText(out _) == ReadStatus.NotReady && Context.Log.Any(l => l.Message.Contains("has taken the reading end")), "the first one says it");
        await first.DisposeAsync();

        Inode(CommandsPath).ShouldBe(inode);
        File.Exists(path).ShouldBeTrue();
        WriteRaw(CommandsPath, "{\"n\":1}\n").ShouldBeTrue();
        (await Waiting(second, ReadStatus.Fresh)).Text.ShouldBe("{\"n\":1}");
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

    /// <summary>Kind and inode, and when it was made: inodes are used again.</summary>
    private static string Inode(string path)
    {
        using var stat = ChildProcess.Start("stat", ["-c", "%F %i %w", path]);
        stat.WaitForExit().GetAwaiter().GetResult();
        return stat.Output.LastOrDefault("");
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
