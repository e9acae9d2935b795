using System.Net;
using System.Net.Http.Headers;
using Omnisight.Api.Rest.Channels;
using Omnisight.Api.Rest.Envelopes;
using Omnisight.Api.Rest.Tests.Node;
using Shouldly;

namespace Omnisight.Api.Rest.Tests;

public class ValueTests
{
    [Fact]
    public async Task Detections_are_served_in_the_envelope_with_their_place_and_age()
    {
        await using var api = await RunningApi.Start(n => n["detections"].Publish(Frames.Detections));
        var answer = await api.GetWhen("/api/perception/detections", HttpStatusCode.OK);
        answer.GetProperty("status").GetString().ShouldBe("success");
        var data = answer.GetProperty("data");
        data.GetProperty("stale").GetBoolean().ShouldBeFalse();
        data.GetProperty("frame_id").GetInt64().ShouldBe(7);
        data.GetProperty("detections").GetArrayLength().ShouldBe(3);
        data.GetProperty("detections")[0].GetProperty("bbox")[2].GetDouble().ShouldBe(0.5);

        using var response = await api.Client.GetAsync("/api/perception/detections");
        response.Headers.ETag!.Tag.ShouldBe("\"e1-1-0\"");
        int.Parse(response.Headers.GetValues("Omnisight-Age-Ms").Single()).ShouldBeGreaterThanOrEqualTo(0);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
    }

    [Fact]
    public async Task A_client_that_has_the_frame_is_told_304_until_the_next()
    {
        await using var api = await RunningApi.Start(n => n["detections"].Publish(Frames.Detections));
        _ = await api.GetWhen("/api/perception/detections", HttpStatusCode.OK);
        var known = new EntityTagHeaderValue("\"e1-1-0\"");
        (await Conditional(known)).ShouldBe(HttpStatusCode.NotModified);
        api.Node["detections"].Publish(Frames.EmptyScene);
        await TestKit.Eventually.Become(async () => await Conditional(known) == HttpStatusCode.OK, "the new frame replaces the one the client has");

        async Task<HttpStatusCode> Conditional(EntityTagHeaderValue tag)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/perception/detections");
            request.Headers.IfNoneMatch.Add(tag);
            using var response = await api.Client.SendAsync(request);
            return response.StatusCode;
        }
    }

    [Theory]
    [InlineData("\"a\"", false)]
    [InlineData("W/\"a\"", true)]
    [InlineData("\"x\" , W/\"y\",\t\"e-1\"", true)]
    [InlineData("*", true)]
    [InlineData("*x", false)]
    [InlineData("\"x\", *", false)]
    [InlineData("\"e-1", false)]
    [InlineData("e-1", false)]
    [InlineData("", false)]
    [InlineData("\"x,\"e-1\"", false)]
    public void A_tag_is_found_in_whatever_list_it_is_sent(string header, bool found) => EntityTags.Match(header, found && header.Contains("\"a\"") ? "\"a\"" : "\"e-1\"").ShouldBe(found);

    [Fact]
    public async Task A_client_that_has_the_fresh_frame_is_told_when_it_turns_stale()
    {
        // Fresh for the second and a half that is left of its three periods.
        await using var api = await RunningApi.Start(n => n.Add("stats", "omnisight.stats/1", period: TimeSpan.FromSeconds(1)).Publish(Frames.Stats, age: TimeSpan.FromSeconds(1.5)));
        _ = await api.GetWhen("/api/stats", HttpStatusCode.OK);
        await TestKit.Eventually.Become(
            async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/api/stats");
                request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue("\"e1-1-0\""));
                using var response = await api.Client.SendAsync(request);
                if (response.StatusCode == HttpStatusCode.NotModified)
                {
                    response.Headers.ETag!.Tag.ShouldBe("\"e1-1-0\"");
                    return false;
                }

                response.StatusCode.ShouldBe(HttpStatusCode.OK);
                response.Headers.ETag!.Tag.ShouldBe("\"e1-1-1\"");
                (await RunningApi.Json(response)).GetProperty("data").GetProperty("stale").GetBoolean().ShouldBeTrue();
                return true;
            },
            "304 ends when the value turns stale");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/stats");
        again.Headers.IfNoneMatch.Add(new EntityTagHeaderValue("\"e1-1-1\""));
        using var known = await api.Client.SendAsync(again);
        known.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Theory]
    [InlineData("""{"stale":7,"a":1}""")]
    [InlineData("""{"a":1,"st\u0061le":{"stale":2}}""")]
    public async Task A_member_of_a_document_never_stands_beside_the_stale_of_the_answer(string document)
    {
        await using var api = await RunningApi.Start(n => n["stats"].Publish(document));
        _ = await api.GetWhen("/api/stats", HttpStatusCode.OK);
        (await api.Client.GetStringAsync("/api/stats")).ShouldBe("""{"status":"success","data":{"stale":false,"a":1}}""");
    }

    [Fact]
    public async Task A_filter_passes_over_lists_that_hold_something_else_than_objects()
    {
        await using var api = await RunningApi.Start(n => n["stats"].Publish("""{"mixed":[{"confidence":0.7},7,[8]],"elements":[{"confidence":0.2},{"confidence":0.9}]}"""));
        var data = (await api.GetWhen("/api/channels/stats?min_confidence=0.5", HttpStatusCode.OK)).GetProperty("data");
        data.GetRawText().ShouldBe("""{"stale":false,"mixed":[{"confidence":0.7},7,[8]],"elements":[{"confidence":0.9}]}""");
    }

    [Fact]
    public async Task A_document_as_deep_as_may_be_can_be_filtered()
    {
        await using var api = await RunningApi.Start(n => n["stats"].Publish($"{{\"deep\":{new string('[', 63)}{new string(']', 63)}}}"));
        (await api.Client.GetStringAsync("/api/channels/stats?min_confidence=0.5")).ShouldEndWith("]}}");
    }

    [Fact]
    public void Filters_are_kept_however_many_others_were_asked_for()
    {
        for (var i = 0; i < 1000; i++)
        {
            _ = ElementFilter.Parse($"?class=c{i}", out _);
        }

        ElementFilter.Parse("?class=last", out _).ShouldBeSameAs(ElementFilter.Parse("?class=last", out _));
    }

    [Fact]
    public async Task An_empty_scene_is_an_answer_not_an_error()
    {
        await using var api = await RunningApi.Start(n => n["detections"].Publish(Frames.EmptyScene));
        var answer = await api.GetWhen("/api/perception/detections", HttpStatusCode.OK);
        answer.GetProperty("data").GetProperty("detections").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_frame_that_grows_old_is_marked_stale_and_then_no_longer_served()
    {
        await using var api = await RunningApi.Start(n => n["detections"].Publish(Frames.Detections, age: TimeSpan.FromSeconds(1)));
        var answer = await api.GetWhen("/api/perception/detections", HttpStatusCode.OK);
        answer.GetProperty("data").GetProperty("stale").GetBoolean().ShouldBeTrue();

        api.Node["detections"].Publish(Frames.Detections, age: TimeSpan.FromSeconds(6));
        var error = await api.GetWhen("/api/perception/detections", HttpStatusCode.ServiceUnavailable);
        error.GetProperty("message").GetString().ShouldBe("No data");
        error.GetProperty("code").GetString().ShouldBe("writer_stale");

        api.Node["detections"].Restart();
        api.Node["detections"].Publish(Frames.EmptyScene);
        answer = await api.GetWhen("/api/perception/detections", HttpStatusCode.OK);
        answer.GetProperty("data").GetProperty("stale").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task Stale_and_fresh_variants_have_tags_of_their_own()
    {
        await using var api = await RunningApi.Start(n => n["detections"].Publish(Frames.Detections, age: TimeSpan.FromSeconds(1)));
        _ = await api.GetWhen("/api/perception/detections", HttpStatusCode.OK);
        using var response = await api.Client.GetAsync("/api/perception/detections");
        response.Headers.ETag!.Tag.ShouldBe("\"e1-1-1\"");
    }

    [Fact]
    public async Task Before_the_first_frame_the_answer_is_not_ready_with_a_time_to_retry()
    {
        await using var api = await RunningApi.Start();
        using var response = await api.Client.GetAsync("/api/perception/detections");
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter!.Delta.ShouldNotBeNull();
        (await RunningApi.Json(response)).GetProperty("code").GetString().ShouldBe("not_ready");
    }

    [Fact]
    public async Task A_clean_stop_of_the_writer_is_told_apart_from_silence()
    {
        await using var api = await RunningApi.Start(n => n["detections"].Publish(Frames.Detections));
        _ = await api.GetWhen("/api/perception/detections", HttpStatusCode.OK);
        api.Node["detections"].Say(ReadStatus.WriterStopped);
        var error = await api.GetWhen("/api/perception/detections", HttpStatusCode.ServiceUnavailable);
        error.GetProperty("code").GetString().ShouldBe("writer_stopped");
    }

    /// <summary>The next writer lives and has published nothing yet: what the one before it left is no value of its.</summary>
    [Fact]
    public async Task What_a_writer_left_that_stopped_is_not_served_for_the_next_one()
    {
        await using var api = await RunningApi.Start(n => n["plugins"].Publish(Frames.Plugins));
        _ = await api.GetWhen("/api/channels/plugins", HttpStatusCode.OK);
        api.Node["plugins"].Say(ReadStatus.WriterStopped);
        _ = await api.GetWhen("/api/channels/plugins", HttpStatusCode.ServiceUnavailable, e => e.GetProperty("code").GetString() == "writer_stopped");
        api.Node["plugins"].Say(ReadStatus.Idle);
        _ = await api.GetWhen("/api/channels/plugins", HttpStatusCode.ServiceUnavailable, e => e.GetProperty("code").GetString() == "not_ready");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{ }")]
    [InlineData("{\n}")]
    public async Task An_empty_document_is_an_empty_object(string document)
    {
        await using var api = await RunningApi.Start(n => n["plugins"].Publish(document));
        var value = await api.GetWhen("/api/channels/plugins", HttpStatusCode.OK);
        value.GetProperty("data").EnumerateObject().ShouldHaveSingleItem().Name.ShouldBe("stale");
    }

    [Fact]
    public async Task A_version_this_build_does_not_know_is_refused_naming_both()
    {
        await using var api = await RunningApi.Start(n => n["detections"].Say(ReadStatus.Rejected, new Rejection(RejectReason.VersionMismatch, 9, 2)));
        var error = await api.GetWhen("/api/perception/detections", HttpStatusCode.ServiceUnavailable, e => e.GetProperty("code").GetString() == "version_mismatch");
        var why = error.GetProperty("errors").GetProperty("detections").GetString()!;
        why.ShouldContain("9");
        why.ShouldContain("2");
    }

    [Theory]
    [InlineData("min_confidence=0.4", new[] { 1, 2 })]
    [InlineData("class=person", new[] { 1, 3 })]
    [InlineData("class=person,vehicle&min_confidence=0.6", new[] { 1 })]
    [InlineData("class=animal", new int[0])]
    [InlineData("min_confidence=0", new[] { 1, 2, 3 })]
    public async Task A_filter_keeps_the_elements_that_pass(string query, int[] ids)
    {
        foreach (var (age, stale) in new[] { ((TimeSpan?)null, false), (TimeSpan.FromSeconds(1), true) })
        {
            await using var api = await RunningApi.Start(n => n["detections"].Publish(Frames.Detections, age));
            var data = (await api.GetWhen("/api/perception/detections?" + query, HttpStatusCode.OK)).GetProperty("data");
            data.GetProperty("detections").EnumerateArray().Select(d => d.GetProperty("id").GetInt32()).ShouldBe(ids);
            data.GetProperty("frame").GetProperty("width").GetInt32().ShouldBe(640);
            data.GetProperty("stale").GetBoolean().ShouldBe(stale);
        }
    }

    [Fact]
    public async Task A_document_that_was_written_over_several_lines_is_one_line_here()
    {
        await using var api = await RunningApi.Start(n => n["stats"].Publish("{\n  \"a\": 1\n}\n"));
        (await api.GetWhen("/api/stats", HttpStatusCode.OK)).GetProperty("data").GetRawText().ShouldBe("{\"stale\":false,\"a\":1}");
    }

    [Fact]
    public async Task A_filter_that_is_no_number_is_refused_by_name()
    {
        await using var api = await RunningApi.Start(n => n["detections"].Publish(Frames.Detections));
        _ = await api.GetWhen("/api/perception/detections", HttpStatusCode.OK);
        var error = await api.GetWhen("/api/perception/detections?min_confidence=lots", HttpStatusCode.BadRequest);
        error.GetProperty("code").GetString().ShouldBe("bad_value");
        error.GetProperty("errors").GetProperty("min_confidence").GetString()!.ShouldContain("lots");
    }
}
