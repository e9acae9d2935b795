using Omnisight.Messages;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>0 bytes for each publish, read, lease and wait in steady state, through the typed ends with their codec.</summary>
public sealed class AllocationTests : ShmTest
{
    private const int Rounds = 500;

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

        Least(() =>
        {
            publisher.Publish(frame);
            reader.Read();
            reader.Read();
        }).ShouldBe(0);
        reader.Bytes.Counters.Values.ShouldBeGreaterThan(Rounds);

        Least(() =>
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

        Least(() =>
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

    /// <summary>The best of several rounds: another thread's work may fall into one of them, never into all.</summary>
    private static long Least(Action step) => Enumerable.Range(0, 10).Min(_ =>
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Rounds; i++)
        {
            step();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    });
}
