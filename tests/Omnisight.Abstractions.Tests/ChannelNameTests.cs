using Shouldly;
using Xunit;

namespace Omnisight.Tests;

public sealed class ChannelNameTests
{
    [Theory]
    [InlineData("detections")]
    [InlineData("a")]
    [InlineData("proc-4121")]
    [InlineData("my_channel-0")]
    [InlineData("abcdefghijabcdefghijabcdefghijk")]
    public void A_name_is_kept_as_it_is(string text)
    {
        ChannelName.Parse(text).Value.ShouldBe(text);
        ChannelName.Parse(text).ToString().ShouldBe(text);
        ChannelName.Parse(text).ShouldBe(ChannelName.Parse(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("Detections")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("../detections")]
    [InlineData("..")]
    [InlineData("a.b")]
    [InlineData("a\0b")]
    [InlineData("%2e%2e%2f")]
    [InlineData("dé")]
    [InlineData("abcdefghijabcdefghijabcdefghijkl")]
    public void What_could_lead_out_of_a_directory_is_no_name(string? text)
    {
        ChannelName.TryParse(text, out var name).ShouldBeFalse();
        name.ShouldBe(default);
        Should.Throw<FormatException>(() => ChannelName.Parse(text!)).Message.ShouldContain("31");
    }

    [Fact]
    public void No_name_is_empty_text() => default(ChannelName).Value.ShouldBe("");
}
