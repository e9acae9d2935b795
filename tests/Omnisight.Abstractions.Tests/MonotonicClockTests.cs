using System.Globalization;
using Shouldly;
using Xunit;

namespace Omnisight.Tests;

public sealed class MonotonicClockTests
{
    [Fact]
    public void It_is_the_monotonic_clock_of_the_system()
    {
        // The first figure of /proc/uptime is CLOCK_BOOTTIME: the same as the monotonic clock on a machine that never slept, later otherwise.
        var before = MonotonicClock.NowNs();
        var uptimeNs = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture) * 1e9;

        before.ShouldBeGreaterThan(0);
        ((double)before).ShouldBeLessThan(uptimeNs + 1e9);
        MonotonicClock.NowNs(TimeProvider.System).ShouldBeGreaterThanOrEqualTo(before);
    }

    [Fact]
    public void Another_clock_is_converted_without_overflow()
    {
        MonotonicClock.NowNs(new Clock(1_000, 5)).ShouldBe(5_000_000);
        MonotonicClock.NowNs(new Clock(10_000_000, long.MaxValue / 200)).ShouldBe(long.MaxValue / 200 * 100);
    }

    [Fact]
    public void The_age_of_a_value_is_never_negative()
    {
        var info = new SampleInfo { PublishedMonoNs = 10_000_000_000 };

        info.Age(new Clock(1_000_000_000, 12_000_000_000)).ShouldBe(TimeSpan.FromSeconds(2));
        info.Age(new Clock(1_000_000_000, 9_000_000_000)).ShouldBe(TimeSpan.Zero);
    }

    private sealed class Clock(long frequency, long now) : TimeProvider
    {
        public override long TimestampFrequency => frequency;

        public override long GetTimestamp() => now;
    }
}
