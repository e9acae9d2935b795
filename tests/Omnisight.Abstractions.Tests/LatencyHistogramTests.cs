using Shouldly;
using Xunit;

namespace Omnisight.Tests;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Without_records_there_is_no_percentile() => new LatencyHistogram().Percentile(0.5).ShouldBeNull();

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(1_000)]
    [InlineData(123_456_789)]
    [InlineData(long.MaxValue)]
    public void One_record_is_every_percentile_within_19_percent(long nanoseconds)
    {
        var histogram = new LatencyHistogram();
        histogram.Record(nanoseconds);

        foreach (var share in new[] { 0.0, 0.5, 0.99, 1.0 })
        {
            histogram.Percentile(share).ShouldNotBeNull().ShouldBeInRange(nanoseconds, (nanoseconds * 1.25) + 1);
        }
    }

    [Fact]
    public void Percentiles_are_right_within_19_percent()
    {
        var histogram = new LatencyHistogram();
        for (var i = 1; i <= 100_000; i++)
        {
            histogram.Record(i);
        }

        histogram.Count.ShouldBe(100_000);
        foreach (var share in new[] { 0.01, 0.25, 0.5, 0.9, 0.99, 1.0 })
        {
            var found = histogram.Percentile(share)!.Value;
            found.ShouldBeInRange(share * 100_000, share * 100_000 * 1.25);
        }
    }

    [Fact]
    public void Buckets_never_overlap_and_cover_everything()
    {
        var last = -1L;
        for (var value = 0L; value < 100_000; value++)
        {
            var histogram = new LatencyHistogram();
            histogram.Record(value);
            var bound = (long)histogram.Percentile(1)!.Value;
            bound.ShouldBeGreaterThanOrEqualTo(value);
            bound.ShouldBeGreaterThanOrEqualTo(last);
            last = bound;
        }
    }

    [Fact]
    public void Records_up_to_a_value_are_counted()
    {
        var histogram = new LatencyHistogram();
        foreach (var value in new long[] { 10, 100, 1_000, 10_000 })
        {
            histogram.Record(value);
        }

        histogram.CountUpTo(5).ShouldBe(0);
        histogram.CountUpTo(100).ShouldBe(2);
        histogram.CountUpTo(1_000_000).ShouldBe(4);
        histogram.CountUpTo(-1).ShouldBe(0);
    }

    [Fact]
    public void A_negative_duration_counts_as_none()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(-5);

        histogram.Percentile(1).ShouldBe(0);
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            histogram.Record(i);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }
}
