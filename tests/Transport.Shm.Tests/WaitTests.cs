using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>Waiting: one thread for all asynchronous readers of a channel, none of them holds it, none is forgotten.</summary>
[Collection(nameof(Alone))]
public sealed partial class WaitTests : ShmTest
{
    [Theory]
    [InlineData("safe")]
    [InlineData("map")]
    public async Task Many_readers_of_a_channel_wait_on_one_thread(string mode)
    {
        var publisher = Publisher();
        Publish(publisher, 1);
        var transport = Transport(new ShmOptions { ReadMode = mode });
        var readers = Enumerable.Range(0, 50).Select(_ => Kept(transport.OpenReader(Stress()))).ToArray();
        foreach (var reader in readers)
        {
            await ReadUntil(reader, ReadStatus.Fresh);
        }

        var before = ShmThreads();
        var waits = readers.Select(r => r.WaitAsync(TestContext.Current.CancellationToken).AsTask()).ToArray();
        (ShmThreads() - before).ShouldBe(2, "a waiter, and the heartbeat that watches over it");
        Publish(publisher, 2);

        (await Task.WhenAll(waits)).ShouldAllBe(woken => woken);
        foreach (var reader in readers)
        {
            reader.Read(Decoder, out var info).ShouldBe(ReadStatus.Fresh);
            info.Sequence.ShouldBe(2ul);
        }
    }

    [Fact]
    public async Task A_second_wait_beside_the_first_is_refused()
    {
        var reader = Reader();
        using var stop = new CancellationTokenSource();
        var first = reader.WaitAsync(stop.Token);

        Should.Throw<InvalidOperationException>(() => reader.WaitAsync(CancellationToken.None).AsTask());

        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first.AsTask());
    }

    [Fact]
    public async Task Every_frame_of_a_paced_writer_reaches_an_asynchronous_reader()
    {
        var publisher = Publisher();
        var reader = Reader();
        Publish(publisher, 1);
        await ReadUntil(reader, ReadStatus.Fresh);
        var got = new List<ulong>();
        var reading = Task.Run(async () =>
        {
            while (got.Count < 200 && await reader.WaitAsync(CancellationToken.None))
            {
                if (reader.Read(Decoder, out var info) == ReadStatus.Fresh)
                {
                    got.Add(info.Sequence);
                }
            }
        });

        for (var n = 2ul; n <= 201; n++)
        {
            Publish(publisher, n);
            await Eventually.Become(() => got.Count == (int)n - 1, $"frame {n} arrived");
        }

        await reading;
        got.ShouldBe(Enumerable.Range(2, 200).Select(n => (ulong)n));
    }

    [Fact]
    public async Task A_reader_that_blocks_in_its_continuation_does_not_hold_up_the_others()
    {
        var publisher = Publisher();
        Publish(publisher, 1);
        var context = new ShmContext(Instance);
        var transport = Transport(context);
        var blocking = Kept(transport.OpenReader(Stress()));
        var other = Kept(transport.OpenReader(Stress()));
        await ReadUntil(blocking, ReadStatus.Fresh);
        await ReadUntil(other, ReadStatus.Fresh);
        using var release = new ManualResetEventSlim();
        using var held = new ManualResetEventSlim();
        var stuck = Task.Run(Hold);
        await Eventually.Become(
            () =>
            {
                Publish(publisher, (ulong)publisher.Counters.Values + 1);
                return held.IsSet;
            },
            "the continuation runs");

        for (var i = 0; i < 20; i++)
        {
            other.Read(Decoder, out _);
            var wait = other.WaitAsync(TestContext.Current.CancellationToken).AsTask();
            Publish(publisher, (ulong)publisher.Counters.Values + 1);
            (await wait.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();
        }

        release.Set();
        await stuck;

        async Task Hold()
        {
            await blocking.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            held.Set();
            release.Wait();
        }
    }

    [Fact]
    public async Task A_wait_ends_when_its_reader_is_disposed_and_when_it_is_cancelled()
    {
        Publish(Publisher(), 1);
        var reader = Reader();
        await ReadUntil(reader, ReadStatus.Fresh);
        using var cancel = new CancellationTokenSource();
        var cancelled = reader.WaitAsync(cancel.Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () => await cancelled);

        var disposed = reader.WaitAsync(CancellationToken.None);
        await reader.DisposeAsync();
        (await disposed).ShouldBeFalse();
        (await reader.WaitAsync(CancellationToken.None)).ShouldBeFalse();
        reader.Read(Decoder, out _).ShouldBe(ReadStatus.Closed);
    }

    /// <summary>A cancellation that is still under way when its wait is over must not end the next one.</summary>
    [Fact]
    public async Task A_late_cancellation_ends_no_later_wait()
    {
        var publisher = Publisher();
        Publish(publisher, 1);
        var reader = Reader();
        await ReadUntil(reader, ReadStatus.Fresh);
        for (var n = 2ul; n <= 1000; n++)
        {
            using var cancel = new CancellationTokenSource();
            var wait = reader.WaitAsync(cancel.Token).AsTask();
            var cancelling = Task.Run(cancel.Cancel);
            Publish(publisher, n);
            await wait.ContinueWith(_ => { }, TaskScheduler.Default);
            _ = reader.Read(Decoder, out _);

            // The next one has no token: nothing can cancel it.
            var next = reader.WaitAsync(CancellationToken.None).AsTask();
            Publish(publisher, ++n);
            (await next).ShouldBeTrue();
            _ = reader.Read(Decoder, out _);
            await cancelling;
        }
    }

    [Fact]
    public async Task A_reader_that_is_disposed_while_it_begins_to_wait_leaves_no_thread()
    {
        var before = ShmThreads();
        var transport = Transport();
        Publish(Kept(transport.OpenPublisher(Stress())), 1);
        for (var round = 0; round < 200; round++)
        {
            var reader = transport.OpenReader(Stress());
            _ = reader.Read(Decoder, out _);
            var waiting = Task.Run(async () => await reader.WaitAsync(CancellationToken.None));
            await reader.DisposeAsync();
            await waiting;
        }

        await Eventually.Become(() => ShmThreads() <= before + 1, "only the heartbeat is left");
    }

    /// <summary>The shared thread sleeps in slices of 100 ms; who disposes of the last reader does not wait for the end of one.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disposing_of_a_reader_that_waits_ends_its_threads_sleep(bool attached)
    {
        var slice = TimeSpan.FromMilliseconds(100);
        if (attached)
        {
            Publish(Publisher(), 1);
        }

        var transport = Transport();
        var before = ShmThreads();
        var least = TimeSpan.MaxValue;
        for (var i = 0; i < 10 && least >= slice / 2; i++)
        {
            var reader = transport.OpenReader(Stress());
            _ = reader.Read(Decoder, out _);
            var waiting = reader.WaitAsync(CancellationToken.None);
            await Task.Delay(10 + i);
            var start = Stopwatch.GetTimestamp();
            await reader.DisposeAsync();
            least = Stopwatch.GetElapsedTime(start) is var took && took < least ? took : least;
            (await waiting).ShouldBeFalse();
        }

        least.ShouldBeLessThan(slice / 2);
        await Eventually.Become(() => ShmThreads() <= before + 1, "only the heartbeat is left");
    }

    [Fact]
    public async Task A_blocking_wait_ends_when_its_reader_is_disposed_by_another()
    {
        Publish(Publisher(), 1);
        foreach (var mode in new[] { "safe", "map" })
        {
            var reader = Reader(mode);
            await ReadUntil(reader, ReadStatus.Fresh);
            var waiting = await BlockedThread.Wait(reader, TimeSpan.FromSeconds(30));

            await reader.DisposeAsync();

            (await waiting).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Threads_end_with_their_readers_and_publishers()
    {
        var before = ShmThreads();
        var transport = Transport();
        var publisher = transport.OpenPublisher(Stress());
        var reader = transport.OpenReader(Stress());
        Publish(publisher, 1);
        await ReadUntil(reader, ReadStatus.Fresh);
        var wait = reader.WaitAsync(CancellationToken.None);
        ShmThreads().ShouldBe(before + 2, "a heartbeat and a waiter");

        await reader.DisposeAsync();
        await wait;
        await publisher.DisposeAsync();
        await transport.DisposeAsync();

        await Eventually.Become(() => ShmThreads() <= before, "the threads are gone");
    }

    [Fact]
    public async Task An_asynchronous_wait_follows_its_channel_to_the_next_writer()
    {
        var reader = Reader();
        for (var life = 1; life <= 5; life++)
        {
            await using var publisher = Transport().OpenPublisher(Stress());
            Publish(publisher, 1);
            var watch = Stopwatch.StartNew();
            while (reader.Read(Decoder, out var info) != ReadStatus.Fresh || info.Epoch != publisher.Epoch)
            {
                (await reader.WaitAsync(TestContext.Current.CancellationToken)).ShouldBeTrue();
                watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30), $"life {life}");
            }
        }

        reader.Counters.Resets.ShouldBe(4);
    }

    /// <summary>Whoever is woken should run at once: the transport's own thread always asks for it, a caller's where that is configured.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Short_slices_are_asked_for(bool callers)
    {
        Assert.SkipWhen(SliceNs(0) == 0, "needs a kernel that gives slices by the thread: Linux 6.12");
        Publish(Publisher(), 1);
        var transport = Transport(new ShmOptions { ShortSlices = callers });
        var (own, called) = (Kept(transport.OpenReader(Stress())), Kept(transport.OpenReader(Stress())));
        await ReadUntil(own, ReadStatus.Fresh);
        var others = Tasks("shm stress").ToArray(); // one of an earlier test may be what runs this one
        _ = own.WaitAsync(CancellationToken.None).AsTask();
        var waiter = int.Parse(Path.GetFileName(Tasks("shm stress").Except(others).ShouldHaveSingleItem()), CultureInfo.InvariantCulture);
        await Eventually.Become(() => SliceNs(waiter) == 100_000, "the shared waiter has short slices");

        var (before, after) = (0ul, 0ul);
        var thread = new Thread(() =>
        {
            before = SliceNs(0);
            ((IBlockingReader)called).Wait(TimeSpan.Zero);
            after = SliceNs(0);
        });
        thread.Start();
        thread.Join();

        after.ShouldBe(callers ? 100_000 : before);
    }

    private static ulong SliceNs(int thread)
    {
        var attributes = new ulong[6];
        return sched_getattr(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 275 : 315, thread, attributes, 48, 0) == 0 ? attributes[3] : 0;
    }

    /// <summary>Threads of the transport in this process, whichever test started them: hence these tests run alone.</summary>
    private static int ShmThreads() => Tasks("shm ").Count();

    private static IEnumerable<string> Tasks(string named) => Directory.EnumerateDirectories("/proc/self/task").Where(t =>
    {
        try
        {
            return File.ReadAllText(t + "/comm").StartsWith(named, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    });

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint sched_getattr(nint number, int thread, [Out] ulong[] attributes, uint bytes, uint flags);
}
