using System.Diagnostics;
using Omnisight.Messages;
using Omnisight.PeerProcess;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>0 bytes for each publish, read, lease and wait in steady state, through the typed ends with their codec: not one byte in all the time that is watched.</summary>
public sealed class AllocationTests : ShmTest
{
    private const int WarmRounds = 2000;

    /// <summary>Longer than two of the looks that a reader and a writer take twice a second.</summary>
    private static readonly TimeSpan Steady = TimeSpan.FromMilliseconds(1200);

    [Theory]
    [InlineData("safe")]
    [InlineData("map")]
    public async Task Publishing_and_reading_frames_of_fifty_objects_allocates_nothing(string mode)
    {
        var codec = new DetectionCodec();
        var spec = codec.DefaultChannel with { MaxPayloadBytes = codec.MaxBytes(2, 50, PayloadEncoding.Binary) };
        var publisher = new Publisher<DetectionFrame>(Kept(Transport().OpenPublisher(spec)), codec);
        var bytes = Transport(new ShmOptions { ReadMode = mode }).OpenReader(spec);
        await using var reader = new Reader<DetectionFrame>(bytes, codec);
        var frame = new DetectionFrame { Width = 640, Height = 480 };
        foreach (ref var detection in frame.Resize(50))
        {
            detection.Bbox = new Box(0.1f, 0.1f, 0.2f, 0.2f);
        }

        Allocated(() =>
        {
            publisher.Publish(frame);
            reader.Read();
            reader.Read();
        }).ShouldBe(0);
        reader.Bytes.Counters.Values.ShouldBeGreaterThan(WarmRounds);

        Allocated(() =>
        {
            publisher.Publish(frame);
            var wait = reader.WaitAsync(CancellationToken.None);
            wait.IsCompleted.ShouldBeTrue();
            wait.GetAwaiter().GetResult();
            ((IBlockingReader)reader.Bytes).Wait(TimeSpan.FromSeconds(1));
            reader.Read();
        }).ShouldBe(0);
    }

    [Fact]
    public void Loans_and_leases_allocate_nothing()
    {
        var publisher = (ILoaningPublisher)Publisher();
        var reader = (ILeasingReader)Reader("map");

        Allocated(() =>
        {
            publisher.TryLoan(100, out var loan);
            using (loan)
            {
                loan.Payload.Clear();
                loan.Commit(100);
            }

            reader.TryLease(out var lease);
            lease.Validate();
        }).ShouldBe(0);
    }

    /// <summary>The reader is asleep at each publish: what its waiter thread does to wake it and to let it sleep again is counted with it.</summary>
    [Theory]
    [InlineData("safe", "async")]
    [InlineData("map", "async")]
    [InlineData("safe", "blocking")]
    [InlineData("map", "blocking")]
    public async Task A_reader_that_sleeps_between_two_publishes_allocates_nothing(string mode, string wait)
    {
        const int warm = 300, counted = 300;
        var publisher = Publisher();
        var reader = Reader(mode);
        using var stop = new CancellationTokenSource();
        var buffer = new byte[PayloadBytes];
        var bytes = StressPayload.Fill(1, buffer, PayloadBytes);
        publisher.Publish(buffer.AsSpan(0, bytes)).ShouldBe(PublishResult.Published);
        await ReadUntil(reader, ReadStatus.Fresh);

        var sleeps = 0;
        var read = 0;
        var armed = 0;
        long byReader = 0, byPublisher = 0;
        var reading = wait == "async" ? Task.Run(ReadAsync) : Task.Factory.StartNew(ReadBlocking, TaskCreationOptions.LongRunning);
        await Task.Factory.StartNew(Publish, TaskCreationOptions.LongRunning);
        await stop.CancelAsync();
        _ = publisher.Publish(buffer.AsSpan(0, bytes));
        await reading;

        (byPublisher, byReader).ShouldBe((0, 0), "bytes allocated by publishing, and by sleeping and reading");
        if (wait == "async")
        {
            armed.ShouldBeGreaterThan(counted, "the reader was asleep");
        }

        void Publish()
        {
            var before = 0L;
            for (var i = 0; i < warm + counted; i++)
            {
                before = i == warm ? GC.GetAllocatedBytesForCurrentThread() : before;
                Until(ref sleeps, i + 1);
                _ = publisher.Publish(buffer.AsSpan(0, bytes));
                Until(ref read, i + 1);
            }

            byPublisher = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        async Task ReadAsync()
        {
            var (thread, allocated) = (0, 0L);
            while (!stop.IsCancellationRequested)
            {
                var waiting = reader.WaitAsync(CancellationToken.None);
                armed += waiting.IsCompleted ? 0 : 1;
                Volatile.Write(ref sleeps, read + 1);
                _ = await waiting.ConfigureAwait(false);
                read += reader.Read(Decoder, out _) == ReadStatus.Fresh ? 1 : 0;
                Note(ref thread, ref allocated);
            }
        }

        void ReadBlocking()
        {
            var (thread, allocated) = (0, 0L);
            while (!stop.IsCancellationRequested)
            {
                Volatile.Write(ref sleeps, read + 1);
                _ = ((IBlockingReader)reader).Wait(TimeSpan.FromSeconds(1));
                read += reader.Read(Decoder, out _) == ReadStatus.Fresh ? 1 : 0;
                Note(ref thread, ref allocated);
            }
        }

        // What this thread has allocated since the last pass, which was on the same thread: the waiter's own work is in it.
        void Note(ref int thread, ref long allocated)
        {
            var now = GC.GetAllocatedBytesForCurrentThread();
            byReader += thread == Environment.CurrentManagedThreadId && read > warm ? now - allocated : 0;
            (thread, allocated) = (Environment.CurrentManagedThreadId, GC.GetAllocatedBytesForCurrentThread());
        }

        static void Until(ref int count, int least)
        {
            var spin = default(SpinWait);
            while (Volatile.Read(ref count) < least)
            {
                spin.SpinOnce();
            }
        }
    }

    /// <summary>What this thread allocates while it does a step over and over.</summary>
    private static long Allocated(Action step)
    {
        for (var i = 0; i < WarmRounds; i++)
        {
            step();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < Steady;)
        {
            step();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
