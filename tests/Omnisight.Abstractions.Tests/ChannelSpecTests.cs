using Shouldly;
using Xunit;

namespace Omnisight.Tests;

public sealed class ChannelSpecTests
{
    [Theory]
    [InlineData(0, 500)]
    [InlineData(100, 500)]
    [InlineData(166, 500)]
    [InlineData(1000, 3000)]
    [InlineData(2000, 6000)]
    public void Stale_is_older_than_three_periods_and_half_a_second(int periodMs, int staleMs) =>
        Spec(TimeSpan.FromMilliseconds(periodMs)).StaleThreshold.TotalMilliseconds.ShouldBe(staleMs);

    [Fact]
    public void Files_are_named_after_the_channel_unless_it_says_otherwise()
    {
        Spec(default).ResourceName.ShouldBe("sample");
        (Spec(default) with { ResourceName = "cmd" }).ResourceName.ShouldBe("cmd");
        Spec(default).StaleAfter.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("omnisight.detections/2", "omnisight.detections", 2)]
    [InlineData("a/b/10", "a/b", 10)]
    public void A_message_id_is_a_name_and_a_version(string text, string name, int version)
    {
        MessageId.Parse(text).ShouldBe(new MessageId(name, version));
        MessageId.Parse(text).ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("name")]
    [InlineData("/1")]
    [InlineData("name/")]
    [InlineData("name/0")]
    [InlineData("name/-1")]
    [InlineData("name/ 1")]
    [InlineData("name/1x")]
    [InlineData("name/99999999999")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1")]
    public void Anything_else_is_no_message_id(string text) => Should.Throw<FormatException>(() => MessageId.Parse(text));

    [Theory]
    [InlineData(RejectReason.None, "none", "accepted")]
    [InlineData(RejectReason.Crc, "crc", "crc")]
    [InlineData(RejectReason.BadMagic, "bad_magic", "bad_magic: found 0x00000000, expected 0x00000000")]
    [InlineData(RejectReason.UnsafeOwner, "unsafe_owner", "unsafe_owner")]
    public void A_rejection_names_itself_as_metrics_do(RejectReason reason, string label, string text)
    {
        new Rejection(reason).Label.ShouldBe(label);
        new Rejection(reason).ToString().ShouldBe(text);
    }

    [Fact]
    public void A_version_mismatch_names_both_versions() =>
        new Rejection(RejectReason.VersionMismatch, 3, 2).ToString().ShouldBe("version_mismatch: found version 3, this reader knows up to 2");

    [Fact]
    public void Counters_count_each_reason_by_itself()
    {
        var counters = new ChannelCounters();
        counters.CountReject(RejectReason.Crc);
        counters.CountReject(RejectReason.Crc);
        counters.CountReject(RejectReason.Count);

        counters.Rejects(RejectReason.Crc).ShouldBe(2);
        counters.Rejects(RejectReason.Value).ShouldBe(0);
        counters.TotalRejects.ShouldBe(3);
    }

    private static ChannelSpec Spec(TimeSpan period) => new() { Name = ChannelName.Parse("sample"), MessageId = "sample/1", Period = period };
}
