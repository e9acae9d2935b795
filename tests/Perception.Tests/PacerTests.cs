using Microsoft.Extensions.Time.Testing;
using Omnisight.Perception;

namespace Perception.Tests;

public sealed class PacerTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Ticks_stay_on_the_grid_however_late_each_one_was()
    {
        var pacer = new Pacer(_time);
        var start = _time.GetTimestamp();
        await pacer.NextAsync(Period(100), Stop);
        for (var i = 1; i <= 50; i++)
        {
            await Tick(pacer, 100);
            _time.GetElapsedTime(start).TotalMilliseconds.ShouldBeInRange(i * 100, (i * 100) + 50);

            // The work of the tick.
            _time.Advance(TimeSpan.FromMilliseconds(i % 5 * 10));
        }

        pacer.Skipped.ShouldBe(0);
    }

    [Fact]
    public async Task A_slow_first_frame_drops_none()
    {
        var pacer = new Pacer(_time);
        await pacer.NextAsync(Period(100), Stop);
        _time.Advance(TimeSpan.FromMilliseconds(700));
        await Tick(pacer, 100);
        pacer.Skipped.ShouldBe(0);
    }

    [Fact]
    public async Task A_long_pause_is_one_tick_and_is_counted()
    {
        var pacer = new Pacer(_time);
        await pacer.NextAsync(Period(100), Stop);
        await Tick(pacer, 100);
        _time.Advance(TimeSpan.FromMilliseconds(1050));
        await pacer.NextAsync(Period(100), Stop);
        pacer.Skipped.ShouldBe(9);
        var next = pacer.NextAsync(Period(100), Stop).AsTask();
        next.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(50));
        await next;
        pacer.Skipped.ShouldBe(9);
    }

    [Fact]
    public async Task A_shorter_period_is_noticed_while_it_waits_for_a_long_one()
    {
        var period = TimeSpan.FromSeconds(10);
        var pacer = new Pacer(_time);
        await pacer.NextAsync(() => period, Stop);
        var next = pacer.NextAsync(() => period, Stop).AsTask();
        period = TimeSpan.FromMilliseconds(100);
        await Advance(next, TimeSpan.FromMilliseconds(50));
        _time.GetUtcNow().ShouldBeLessThan(new FakeTimeProvider().GetUtcNow() + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Cancelling_ends_the_wait()
    {
        using var stop = new CancellationTokenSource();
        var pacer = new Pacer(_time);
        await pacer.NextAsync(Period(1000), stop.Token);
        var next = pacer.NextAsync(Period(1000), stop.Token).AsTask();
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(next);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Func<TimeSpan> Period(int milliseconds) => () => TimeSpan.FromMilliseconds(milliseconds);

    private Task Tick(Pacer pacer, int milliseconds) => Advance(pacer.NextAsync(Period(milliseconds), Stop).AsTask(), TimeSpan.FromMilliseconds(1));

    private async Task Advance(Task until, TimeSpan step)
    {
        while (!until.IsCompleted)
        {
            _time.Advance(step);
            await Task.Yield();
        }

        await until;
    }
}
