using System.Runtime.InteropServices;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>The named semaphores of the seed's clients: never more than 1, drained, made again, and of no weight for the data (FAULTS 95).</summary>
public sealed partial class SemaphoreTests : ShmTest
{
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
    public async Task It_is_posted_when_it_is_taken_and_never_grows()
    {
        var publisher = Publisher(Named("detections"));
        for (var n = 1ul; n <= 20; n++)
        {
            Publish(publisher, n);
            await Task.Delay(1);
        }

        Value().ShouldBe(1);
        sem_trywait(Open()).ShouldBe(0);
        Value().ShouldBe(0);
        await Task.Delay(1);
        Publish(publisher, 21);
        Value().ShouldBe(1);
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
        var publisher = Publisher(Named("detections"));
        Publish(publisher, 1);

        File.Delete(SemaphorePath);
        await Eventually.Become(() => File.Exists(SemaphorePath), "the semaphore is there again");

        await Task.Delay(1);
        Publish(publisher, 2);
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

    [Fact]
    public void There_is_none_when_they_are_switched_off_and_none_for_other_channels()
    {
        _ = Publisher(Named("detections"), new ShmOptions { NamedSemaphores = false });
        _ = Publisher(Stress());

        Directory.EnumerateFiles("/dev/shm", $"sem.{Instance.Name}*").ShouldBeEmpty();
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

    [LibraryImport("libc")]
    private static partial int sem_close(nint semaphore);
}
