using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>The named semaphores of the seed's clients: never more than 1, drained, made again, and of no weight for the data (FAULTS 34, 95).</summary>
public sealed partial class SemaphoreTests : ShmTest
{
    private const int Nobody = 65534;

    private readonly FakeTimeProvider _time = new();

    private string Name => $"/{Instance.Name}_frame_ready";

    private string SemaphorePath => $"/dev/shm/sem.{Instance.Name}_frame_ready";

    [Theory]
    [InlineData("detections", "frame_ready")]
    [InlineData("tracks", "tracks_ready")]
    [InlineData("timelines", "timelines_ready")]
    public void Three_channels_have_one_with_the_mode_0660(string channel, string semaphore)
    {
        _ = Publisher(Named(channel));

        var path = $"/dev/shm/sem.{Instance.Name}_{semaphore}";
        ((int)File.GetUnixFileMode(path)).ShouldBe(Convert.ToInt32("660", 8));
    }

    [Fact]
    public void It_is_posted_when_it_is_taken_and_never_grows()
    {
        var publisher = TimedPublisher();
        PublishEveryMillisecond(publisher, 20);

        Value().ShouldBe(1);
        sem_trywait(Open()).ShouldBe(0);
        Value().ShouldBe(0);
        PublishEveryMillisecond(publisher, 1);
        Value().ShouldBe(1);
    }

    /// <summary>A fast channel whose signal nobody took for long looks at it every 10 ms; whoever begins to take it has its signal all the same.</summary>
    [Fact]
    public void One_that_nobody_took_for_long_is_looked_at_less_often()
    {
        var publisher = TimedPublisher();
        var waited = false;
        for (var attempt = 0; attempt < 5 && !waited; attempt++)
        {
            PublishEveryMillisecond(publisher, 155);
            sem_trywait(Open()).ShouldBe(0);
            PublishEveryMillisecond(publisher, 1);
            waited = Value() == 0; // unless a beat, which counts real time, came just now: it posts what is owed
            PublishEveryMillisecond(publisher, 10);
            Value().ShouldBe(1);
        }

        waited.ShouldBeTrue();
    }

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(int.MaxValue)]
    public void What_is_left_in_it_is_drained_at_start(int left)
    {
        var semaphore = sem_open(Name, 0x40, 0x1B0, (uint)left);
        semaphore.ShouldNotBe(0);
        Value().ShouldBe(left);

        _ = Publisher(Named("detections"));

        Value().ShouldBe(0);
    }

    [Fact]
    public async Task It_is_made_again_when_it_was_deleted()
    {
        var publisher = TimedPublisher();
        PublishEveryMillisecond(publisher, 1);

        File.Delete(SemaphorePath);
        await Eventually.Become(() => File.Exists(SemaphorePath), "the semaphore is there again");

        PublishEveryMillisecond(publisher, 1);
        Value().ShouldBe(1);
    }

    [Fact]
    public async Task A_damaged_one_never_touches_the_data()
    {
        var publisher = Publisher(Named("detections"));
        var reader = Kept(Transport().OpenReader(Named("detections")));
        RegionBytes.Truncate(SemaphorePath, 0);

        for (var n = 1ul; n <= 100; n++)
        {
            Publish(publisher, n);
            (await ReadUntil(reader, ReadStatus.Fresh)).Sequence.ShouldBe(n);
        }

        await Eventually.Become(() => new FileInfo(SemaphorePath) is { Exists: true, Length: > 0 }, "a whole semaphore again");
    }

    /// <summary>The signal is lost, the frames are not: a courtesy is no reason to refuse a channel (FAULTS 34).</summary>
    [Fact]
    public async Task One_that_another_user_made_is_neither_used_nor_touched_and_the_frames_flow()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root, to make a file of another user");
        File.WriteAllText(SemaphorePath, "theirs");
        File.SetUnixFileMode(SemaphorePath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        chown(SemaphorePath, Nobody, Nobody).ShouldBe(0);
        var context = new ShmContext(Instance);
        var publisher = Kept(Transport(context).OpenPublisher(Named("detections")));
        var reader = Kept(Transport().OpenReader(Named("detections")));

        Publish(publisher, 1);

        (await ReadUntil(reader, ReadStatus.Fresh)).Sequence.ShouldBe(1ul);
        context.Log.At(LogLevel.Warning).ShouldHaveSingleItem().ShouldContain($"refusing: owned by uid {Nobody}");
        await publisher.DisposeAsync();
        File.ReadAllText(SemaphorePath).ShouldBe("theirs");
        File.GetUnixFileMode(SemaphorePath).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_link_in_its_place_is_replaced_and_its_target_not_touched(bool whileRunning)
    {
        // As long as a semaphore, both the file and the text of the link.
        var target = Instance.Region("target");
        var link = ".".PadRight(32 - Path.GetFileName(target).Length, '/') + Path.GetFileName(target);
        var before = Enumerable.Repeat((byte)7, 32).ToArray();
        File.WriteAllBytes(target, before);
        File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (whileRunning)
        {
            _ = Publisher(Named("detections"));
            File.Delete(SemaphorePath);
            File.CreateSymbolicLink(SemaphorePath, link);
        }
        else
        {
            File.CreateSymbolicLink(SemaphorePath, link);
            Publish(Publisher(Named("detections")), 1);
        }

        await Eventually.Become(() => new FileInfo(SemaphorePath) is { Exists: true, LinkTarget: null }, "a semaphore of its own in place of the link");
        File.ReadAllBytes(target).ShouldBe(before);
        File.GetUnixFileMode(target).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void There_is_none_when_they_are_switched_off_and_none_for_other_channels()
    {
        _ = Publisher(Named("detections"), new ShmOptions { NamedSemaphores = false });
        _ = Publisher(Stress());

        Directory.EnumerateFiles("/dev/shm", $"sem.{Instance.Name}*").ShouldBeEmpty();
    }

    private IPublisher TimedPublisher() => Kept(Transport(new ShmContext(Instance) { Time = _time }).OpenPublisher(Named("detections")));

    private void PublishEveryMillisecond(IPublisher publisher, int frames)
    {
        for (var i = 0; i < frames; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Publish(publisher, (ulong)publisher.Counters.Values + 1);
        }
    }

    private static ChannelSpec Named(string channel) => Stress() with { Name = ChannelName.Parse(channel) };

    private nint Open()
    {
        var semaphore = sem_open(Name, 0, 0, 0);
        semaphore.ShouldNotBe(0);
        return semaphore;
    }

    /// <summary>Looked up anew each time, as a client that comes does.</summary>
    private int Value()
    {
        var semaphore = Open();
        sem_getvalue(semaphore, out var value).ShouldBe(0);
        _ = sem_close(semaphore);
        return value;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint sem_open(string name, int flags, uint mode, uint value);

    [LibraryImport("libc")]
    private static partial int sem_getvalue(nint semaphore, out int value);

    [LibraryImport("libc")]
    private static partial int sem_trywait(nint semaphore);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, int owner, int group);

    [LibraryImport("libc")]
    private static partial int sem_close(nint semaphore);
}
