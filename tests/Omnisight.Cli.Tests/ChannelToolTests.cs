using System.Text.Json;
using Omnisight.Cli.Channels;
using Shouldly;
using Xunit;

namespace Omnisight.Cli.Tests;

public sealed class ChannelToolTests
{
    private static readonly JsonElement Frame = JsonElement.Parse("""{"frame_id":12,"detections":[{"class":"person","confidence":0.9,"bbox":[1,2,3,4]},{"class":"vehicle","confidence":0.4,"bbox":[5,6,7,8]}]}""");

    [Theory]
    [InlineData("frame_id", "12")]
    [InlineData("detections[0].class", "\"person\"")]
    [InlineData("detections.1.bbox[3]", "8")]
    [InlineData("detections[*].confidence", "0.9 0.4")]
    [InlineData("detections[2].class", "")]
    [InlineData("frame_id.x", "")]
    public void A_field_leads_to_its_values(string path, string expected) =>
        string.Join(' ', FieldPath.Parse(path).Find(Frame).Select(e => e.GetRawText())).ShouldBe(expected);

    [Theory]
    [InlineData("frame_id == 12", true)]
    [InlineData("frame_id > 11 && frame_id < 13", true)]
    [InlineData("frame_id >= 13", false)]
    [InlineData("detections[*].class == vehicle", true)]
    [InlineData("detections[*].class == 'animal'", false)]
    [InlineData("detections[0].class != vehicle", true)]
    [InlineData("detections[0].class ~ per", true)]
    [InlineData("nothing == 1", false)]
    public void A_condition_holds_or_not(string condition, bool holds) => Condition.Parse(condition).Holds(Frame).ShouldBe(holds);

    [Fact]
    public void Mean_and_deviation_are_those_of_the_values()
    {
        var statistics = new RunningStatistics();
        foreach (var value in new[] { 2.0, 4, 4, 4, 5, 5, 7, 9 })
        {
            statistics.Add(value);
        }

        (statistics.Mean, statistics.Deviation, statistics.Minimum, statistics.Maximum).ShouldBe((5, 2, 2, 9));
    }
}
