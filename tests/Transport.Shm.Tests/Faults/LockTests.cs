using Microsoft.Extensions.Logging;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>The writer's lock: removed under a live writer, and in the shape of something else (FAULTS 10, 61).</summary>
[Trait("Category", "Process")]
public sealed class LockTests : ShmTest
{
    private string LockPath => $"/dev/shm/.{Instance.Name}_stress.lock";

    [Fact]
    public async Task A_removed_lock_lets_no_second_writer_in_and_is_taken_again()
    {
        var first = Peer("publish");
        await first.WaitForLine("published first");

        File.Delete(LockPath);

        var refusal = Should.Throw<TransportException>(() => Publisher());
        refusal.Error.ShouldBe(TransportError.InUse);
        refusal.Message.ShouldContain($"pid {first.Id}");
        await Eventually.Become(() => File.Exists(LockPath) && Text(LockPath).StartsWith($"{first.Id} ", StringComparison.Ordinal), "the first has its lock again");
        Should.Throw<TransportException>(() => Publisher()).Message.ShouldContain($"pid {first.Id}");
    }

    [Fact]
    public async Task A_writer_whose_channel_was_taken_does_not_fight_for_it_and_comes_back()
    {
        var context = new ShmContext(Instance);
        var first = Kept(Transport(context).OpenPublisher(Stress()));
        Publish(first, 1);

        // Lock and region: nothing is left that could tell of the first writer.
        File.Delete(LockPath);
        File.Delete(RegionPath);
        var second = Transport().OpenPublisher(Stress());
        Publish(second, 1);
        var reader = Reader();
        (await ReadUntil(reader, ReadStatus.Fresh)).Epoch.ShouldBe(second.Epoch);

        await Eventually.Become(() => first.Publish(new byte[64]) == PublishResult.Failed, "the first says that it no longer publishes");
        context.Log.At(LogLevel.Error).ShouldHaveSingleItem().ShouldContain(LockPath);
        var number = 1ul;
        for (var beats = 0; beats < 4; beats++)
        {
            await NextBeat(() =>
            {
                Publish(second, ++number);
                reader.Read(Decoder, out var info).ShouldBe(ReadStatus.Fresh);
                info.Epoch.ShouldBe(second.Epoch);
            });
        }

        reader.Counters.Resets.ShouldBe(0);
        await second.DisposeAsync();
        await Eventually.Become(() => first.Publish(new byte[64]) == PublishResult.Published, "the first has its channel again");
    }

    [Theory]
    [InlineData("symlink")]
    [InlineData("hardlink")]
    [InlineData("fifo")]
    [InlineData("directory")]
    public async Task A_lock_that_is_something_else_is_refused_and_not_touched(string shape)
    {
        var other = Instance.FilePath("other");
        File.WriteAllText(other, "theirs");
        switch (shape)
        {
            case "symlink":
                File.CreateSymbolicLink(LockPath, other);
                break;
            case "hardlink":
                // Hard links need one file system.
                other = $"/dev/shm/{Instance.Name}_other";
                File.WriteAllText(other, "theirs");
                (await Run("ln", other, LockPath)).ShouldBe(0);
                break;
            case "fifo":
                (await Run("mkfifo", "-m", "600", LockPath)).ShouldBe(0);
                break;
            case "directory":
                Directory.CreateDirectory(LockPath);
                break;
        }

        var refusal = Should.Throw<TransportException>(() => Publisher());

        refusal.Error.ShouldBe(TransportError.Unsafe);
        refusal.Message.ShouldContain(LockPath);
        File.ReadAllText(other).ShouldBe("theirs");
        File.Exists(RegionPath).ShouldBeFalse();
        if (shape == "directory")
        {
            Directory.Delete(LockPath);
        }
    }

    /// <summary>Without a lock of one's own, which every way of .NET to open a file takes.</summary>
    private static unsafe string Text(string path)
    {
        var fd = Native.Open(path, Native.ReadOnly, 0);
        var bytes = stackalloc byte[64];
        var length = Native.Read(fd, bytes, 64, 0);
        _ = Native.Close(fd);
        return System.Text.Encoding.ASCII.GetString(bytes, (int)Math.Max(0, length));
    }

    private async Task<int> Run(string program, params string[] arguments) => await Owned(ChildProcess.Start(program, arguments)).WaitForExit();
}
