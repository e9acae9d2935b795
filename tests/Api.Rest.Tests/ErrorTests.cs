using System.Net;
using System.Text;
using Omnisight.Api.Rest.Tests.Node;
using Shouldly;

namespace Omnisight.Api.Rest.Tests;

public class ErrorTests
{
    [Theory]
    [InlineData("GET", "/api/nothing", 404, "not_found")]
    [InlineData("DELETE", "/api/stats", 405, "method_not_allowed")]
    [InlineData("POST", "/api/perception/detections", 405, "method_not_allowed")]
    public async Task Errors_of_the_framework_have_the_envelope(string method, string path, int status, string code)
    {
        await using var api = await RunningApi.Start();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await api.Client.SendAsync(request);
        ((int)response.StatusCode).ShouldBe(status);
        var body = await RunningApi.Json(response);
        body.GetProperty("status").GetString().ShouldBe("error");
        body.GetProperty("code").GetString().ShouldBe(code);
        body.GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("{\"a\":1,\n \"b\":}", "2", "6")]
    [InlineData("{", "1", "2")]
    [InlineData("{\"a\":1,\n \"a\":2}", "2", "2")]
    [InlineData("{\"a\":\n{\"b\":\"\\ud800\"}}", "2", "6")]
    [InlineData("{\"\\udc00\":1}", "1", "2")]
    [InlineData("{\"a\":\"x\\u0000y\"}", "1", "6")]
    [InlineData("\ufeff{}", "1", "1")]
    [InlineData("[]", "1", "1")]
    [InlineData("7", "1", "1")]
    [InlineData("", "1", "1")]
    [InlineData("{} {}", "1", "4")]
    [InlineData("{\"a\":[1,{\"b\":[[[[[[[[[[[\n[1]]]]]]]]]]]]}]}", "2", "1")]
    public async Task Malformed_json_is_refused_with_line_and_column(string json, string line, string column)
    {
        await using var api = await RunningApi.Start();
        var (status, body) = await api.Post("/api/config", json, api.AdminKey);
        status.ShouldBe(HttpStatusCode.BadRequest);
        body.GetProperty("code").GetString().ShouldBe("bad_json");
        body.GetProperty("errors").GetProperty("line").GetString().ShouldBe(line);
        body.GetProperty("errors").GetProperty("column").GetString().ShouldBe(column);
        api.Node.Core.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task Bytes_that_are_no_utf8_are_refused_with_their_place()
    {
        await using var api = await RunningApi.Start();
        var answer = await Raw.Send(
            api.Url, $"POST /api/config HTTP/1.1\r\nHost: {api.Url.Authority}\r\nContent-Type: application/json\r\nAuthorization: Bearer {api.AdminKey}\r\nContent-Length: 10\r\nConnection: close\r\n\r\n{{\"a\":\n\"\u00ff\"}}");
        answer.ShouldStartWith("HTTP/1.1 400");
        answer.ShouldContain("\"bad_json\"");
        answer.ShouldContain("line 2, column 2");
    }

    [Fact]
    public async Task A_body_of_another_type_is_415_and_one_that_is_too_large_413()
    {
        await using var api = await RunningApi.Start();
        var (status, body) = await api.Post("/api/config", "a=1", api.AdminKey, "application/x-www-form-urlencoded");
        status.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        body.GetProperty("code").GetString().ShouldBe("unsupported_media_type");

        (status, body) = await api.Post("/api/config", "{\"a\":\"" + new string('x', 70_000) + "\"}", api.AdminKey);
        status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        body.GetProperty("code").GetString().ShouldBe("too_large");
    }

    [Theory]
    [InlineData("/api/channels/..%2f..%2fetc%2fpasswd")]
    [InlineData("/api/channels/%2e%2e%2fsecret")]
    [InlineData("/api/channels/../../etc/passwd")]
    [InlineData("/api/channels/../stats")]
    [InlineData("/api/channels/./stats/%2e%2e/../../stats")]
    [InlineData("/api/channels/DETECTIONS")]
    [InlineData("/api/channels/a%20b")]
    public async Task A_name_that_could_become_a_path_is_refused_before_anything_is_opened(string target)
    {
        await using var api = await RunningApi.Start();
        var answer = await Raw.Get(api.Url, target);
        answer.ShouldStartWith("HTTP/1.1 400");
        answer.ShouldContain("\"bad_name\"");
    }

    [Theory]
    [InlineData("GET", "/api/perception/detections?min_conf=0.5", "unknown_parameter", "min_conf")]
    [InlineData("GET", "/api/perception/detections?MIN_CONFIDENCE=0.5", "unknown_parameter", "MIN_CONFIDENCE")]
    [InlineData("GET", "/api/perception/detections?class=a&min_confidence=0.5&class=b&min_confidence=0.1", "bad_value", "min_confidence")]
    [InlineData("GET", "/api/timeline/history?limit=1&limit=2", "bad_value", "limit")]
    [InlineData("GET", "/api/stats?min_confidence=0.5", "unknown_parameter", "min_confidence")]
    [InlineData("GET", "/api/stream?channel=stats", "unknown_parameter", "channel")]
    [InlineData("POST", "/api/config?dryrun=true", "unknown_parameter", "dryrun")]
    [InlineData("POST", "/api/config?dry_run=true&dry_run=false", "bad_value", "dry_run")]
    [InlineData("POST", "/api/timeline/refresh?%64ry_run=true", "unknown_parameter", "dry_run")]
    public async Task A_parameter_that_is_not_known_or_there_twice_is_refused_and_nothing_is_done(string method, string target, string code, string parameter)
    {
        await using var api = await RunningApi.Start(n => n["detections"].Publish(Frames.Detections));
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        request.Headers.Authorization = new("Bearer", api.AdminKey);
        request.Content = method == "POST" ? new StringContent("{}", Encoding.UTF8, "application/json") : null;
        using var response = await api.Client.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var body = await RunningApi.Json(response);
        body.GetProperty("code").GetString().ShouldBe(code);
        body.GetProperty("errors").TryGetProperty(parameter, out _).ShouldBeTrue();
        api.Node.Core.Received.ShouldBeEmpty();
    }

    [Fact]
    public async Task Lists_add_up_and_pages_take_what_a_cache_adds()
    {
        await using var api = await RunningApi.Start(n => n["detections"].Publish(Frames.Detections));
        (await api.GetWhen("/api/perception/detections?class=person&class=vehicle&", HttpStatusCode.OK)).GetProperty("data").GetProperty("detections").GetArrayLength().ShouldBe(3);
        (await api.Client.GetAsync("/?v=2")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await api.Client.GetAsync("/metrics?name=x")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_path_tells_what_it_takes()
    {
        await using var api = await RunningApi.Start();
        using var response = await api.Client.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/api/config"));
        response.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        response.Content.Headers.Allow.ShouldBe(["GET", "HEAD", "POST"], ignoreOrder: true);
        using var nowhere = await api.Client.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/api/nothing"));
        nowhere.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_nul_in_a_name_is_refused()
    {
        await using var api = await RunningApi.Start();
        (await Raw.Get(api.Url, "/api/channels/a%00b")).ShouldStartWith("HTTP/1.1 400");
    }
}
