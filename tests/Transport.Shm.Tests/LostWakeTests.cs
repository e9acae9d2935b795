using System.Diagnostics;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>
/// The reader looks, the writer publishes, and only then the reader sleeps: the wake finds nobody, and nothing may be lost by it. The frame is published at the very
/// point between look and sleep, so the race is there at every try. Who sleeps through it, sleeps 100 ms: that is how long a wait for a lost wake lasts.
/// </summary>
[Collection(nameof(Alone))]
public sealed class LostWakeTests : ShmTest
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AtOnce = Slice / 2;

    private ulong _number;

    public override ValueTask DisposeAsync()
    {
        Fault.Reached = null;
        return base.DisposeAsync();
    }

    [Theory]
    [InlineData("safe", "blocking")]
    [InlineData("map", "blocking")]
    [InlineData("safe", "async")]
    [InlineData("map", "async")]
    public async Task A_frame_between_the_last_look_and_the_sleep_ends_the_wait_at_once(string mode, string wait)
    {
        var publisher = Publisher();
        var reader = Reader(mode);
        Publish(publisher, ++_number);
        await ReadUntil(reader, ReadStatus.Fresh);

        var least = await LeastWait(publisher, async publish =>
        {
            Fault.Reached = point =>
            {
                if (point == FaultPoints.BeforeSleep)
                {
                    publish();
                }
            };
            var woken = wait == "async" ? await reader.WaitAsync(TestContext.Current.CancellationToken) : ((IBlockingReader)reader).Wait(TimeSpan.FromSeconds(20));
            woken.ShouldBeTrue();
            (await ReadUntil(reader, ReadStatus.Fresh)).Sequence.ShouldBe(_number);
        });

        least.ShouldBeLessThan(AtOnce);
    }

    /// <summary>The same race for a wait that is broken on purpose: it takes the word to sleep on after its look.</summary>
    [Fact]
    public async Task A_wait_that_takes_its_word_after_the_look_sleeps_through_the_frame_and_is_caught()
    {
        var publisher = Publisher();
        Publish(publisher, ++_number);
        var view = RegionView.TryOpen(RegionPath, new RegionTrust([]), MessageId, map: true, null, out _).ShouldNotBeNull();

        var least = await LeastWait(publisher, publish =>
        {
            view.Ring.TryReadLatest(out var latest).ShouldBeTrue();
            latest.ShouldBe(_number);
            publish();
            Sleep(view, view.Ring.Control.Notify).ShouldBe(Native.Etimedout);
            return Task.CompletedTask;
        });

        least.ShouldBeGreaterThanOrEqualTo(AtOnce);
        view.Release();
    }

    /// <summary>The shortest time from a publish inside a wait to the end of that wait; the machine may lengthen some, and not all.</summary>
    private async Task<TimeSpan> LeastWait(IPublisher publisher, Func<Action, Task> wait)
    {
        var least = TimeSpan.MaxValue;
        for (var i = 0; i < 5 && least >= AtOnce; i++)
        {
            var published = 0L;
            await wait(() =>
            {
                if (published == 0)
                {
                    Publish(publisher, ++_number);
                    published = Stopwatch.GetTimestamp();
                }
            });
            published.ShouldNotBe(0, "the reader came to its sleep");
            least = Stopwatch.GetElapsedTime(published) is var took && took < least ? took : least;
        }

        return least;
    }

    private static unsafe int Sleep(RegionView view, uint notify) => Native.FutexWait(view.Notify, notify, Slice);
}
