using System.Net;
using System.Net.WebSockets;
using Omnisight.Api.Rest.Security;
using Omnisight.Api.Rest.Tests.Node;
using Omnisight.Commands;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Api.Rest.Tests;

public class SecurityTests
{
    [Fact]
    public async Task Every_endpoint_has_its_scope_in_the_table_and_in_the_documentation()
    {
        await using var api = await RunningApi.Start();
        var mapped = api.Module.Rules.Select(r => $"{r.Method} {r.Pattern}").Order().ToArray();
        mapped.ShouldBe(EndpointTable.Entries.Keys.Order());
        var page = File.ReadAllText(Path.Combine(TestPaths.Repository, "docs/rest-api.md"));
        foreach (var (endpoint, access) in EndpointTable.Entries)
        {
            page.ShouldContain($"| `{endpoint}` | {access.ToString().ToLowerInvariant()} |");
        }
    }

    [Fact]
    public void An_endpoint_that_is_not_in_the_table_is_denied() => EndpointTable.Of("GET", "/api/new").ShouldBe(Access.Denied);

    [Fact]
    public async Task Missing_wrong_expired_and_truncated_keys_get_the_same_answer()
    {
        await using var api = await RunningApi.Start();
        _ = KeyStore.Open(api.Node.RuntimeDirectory, api.Node.Instance, TimeProvider.System).Add([CommandScope.Config], TimeSpan.FromMilliseconds(-1), out var expired);
        var bodies = new List<string>();
        foreach (var key in new[] { null, "wrong", expired, api.AdminKey[..^1] })
        {
            var (status, body) = await api.Post("/api/config", "{}", key);
            status.ShouldBe(HttpStatusCode.Unauthorized);
            bodies.Add(body.GetRawText());
        }

        bodies.Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task After_ten_wrong_keys_an_address_has_to_wait_and_reading_goes_on()
    {
        await using var api = await RunningApi.Start(n => n["stats"].Publish(Frames.Stats));
        for (var i = 0; i < 10; i++)
        {
            (await api.Post("/api/config", "{}", "wrong")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/config") { Content = new StringContent("{}") };
        request.Headers.Authorization = new("Bearer", api.AdminKey);
        using var response = await api.Client.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 61);
        _ = await api.GetWhen("/api/stats", HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_key_does_what_its_scopes_say_and_the_refusal_is_audited()
    {
        var (viewer, token) = ((AccessKey?)null, "");
        await using var api = await RunningApi.Start(n => viewer = KeyStore.Open(n.RuntimeDirectory, n.Instance, TimeProvider.System).Add([CommandScope.Read], null, out token));
        (await api.Post("/api/config", "{}", token)).Status.ShouldBe(HttpStatusCode.Forbidden);
        var (_, body) = await api.Post("/api/timeline/refresh", null, token);
        body.GetProperty("code").GetString().ShouldBe("forbidden");
        var audit = File.ReadAllText(Path.Combine(api.Node.RuntimeDirectory, api.Node.Instance + "_audit.ndjson"));
        audit.ShouldContain("\"forbidden\"");
        audit.ShouldContain(viewer!.Id);
        audit.ShouldNotContain(token);
    }

    [Fact]
    public async Task Being_refused_again_and_again_does_not_fill_the_audit_log()
    {
        var token = "";
        await using var api = await RunningApi.Start(n =>
        {
            n.Current.CommandsPerSecond = 50;
            _ = KeyStore.Open(n.RuntimeDirectory, n.Instance, TimeProvider.System).Add([CommandScope.Read], null, out token);
        });
        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => api.Post("/api/config", "{}", token)));
        answers.ShouldContain(a => a.Status == HttpStatusCode.Forbidden);
        answers.ShouldContain(a => a.Status == HttpStatusCode.TooManyRequests, "the rate counts first");
        var log = File.ReadAllLines(Path.Combine(api.Node.RuntimeDirectory, api.Node.Instance + "_audit.ndjson"));
        log.Count(l => l.Contains("\"forbidden\"", StringComparison.Ordinal)).ShouldBe(1);
        await Eventually.Become(async () => (await api.Post("/api/swarm/sync", null, token)).Status == HttpStatusCode.Forbidden, "the key may ask again");
        File.ReadAllText(Path.Combine(api.Node.RuntimeDirectory, api.Node.Instance + "_audit.ndjson")).ShouldContain("POST /api/swarm/sync");
    }

    [Fact]
    public void A_refusal_that_repeats_is_told_with_how_many_there_were()
    {
        using var instance = new TestInstance();
        var time = new HandTime();
        using var log = AuditLog.Open(instance.Directory, instance.Name, time, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var audit = new Security.Audit(log, time);
        for (var i = 0; i < 5; i++)
        {
            audit.Refused("key:1", "POST /api/config", "forbidden", "1");
        }

        time.Pass(TimeSpan.FromMinutes(2));
        audit.Refused("key:1", "POST /api/config", "forbidden", "1");
        var lines = File.ReadAllLines(Path.Combine(instance.Directory, instance.Name + "_audit.ndjson"));
        lines.Length.ShouldBe(2);
        lines[1].ShouldContain("4 more like this");
    }

    [Theory]
    [InlineData("Via: 1.1 proxy")]
    [InlineData("Forwarded: for=203.0.113.9")]
    [InlineData("X-Real-IP: 203.0.113.9")]
    [InlineData("X-Forwarded-Host: node.example")]
    [InlineData("X-Forwarded-Proto: https")]
    public async Task Whatever_a_proxy_says_of_itself_ends_the_trust_in_loopback(string header)
    {
        await using var api = await RunningApi.Start(n => n["stats"].Publish(Frames.Stats));
        (await Raw.Get(api.Url, "/api/stats", header + "\r\n")).ShouldStartWith("HTTP/1.1 401");
    }

    [Fact]
    public async Task A_node_can_ask_its_own_machine_for_a_key()
    {
        await using var api = await RunningApi.Start(n =>
        {
            n.Current.RequireKey = true;
            n["stats"].Publish(Frames.Stats);
        });
        (await Raw.Get(api.Url, "/api/stats")).ShouldStartWith("HTTP/1.1 401");
        (await api.Post("/api/swarm/sync")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await Raw.Get(api.Url, "/api/stats", $"Authorization: Bearer {api.AdminKey}\r\n")).ShouldStartWith("HTTP/1.1 200");
        (await Raw.Get(api.Url, "/healthz")).ShouldStartWith("HTTP/1.1 200");
    }

    [Fact]
    public async Task A_stream_ends_with_its_key()
    {
        var (key, token) = ((AccessKey?)null, "");
        await using var api = await RunningApi.Start(n =>
        {
            n["stats"].Publish(Frames.Stats);
            key = KeyStore.Open(n.RuntimeDirectory, n.Instance, TimeProvider.System).Add([CommandScope.Read], null, out token);
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/stream?channels=stats");
        request.Headers.Authorization = new("Bearer", token);
        using var response = await api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var events = new EventReader(await response.Content.ReadAsStreamAsync());
        _ = await events.Next("stats");
        _ = KeyStore.Open(api.Node.RuntimeDirectory, api.Node.Instance, TimeProvider.System).Revoke(key!.Id);
        (await events.Next("end")).Json.GetProperty("reason").GetString().ShouldBe("unauthorized");
        (await events.Next()).ShouldBeNull();
    }

    [Fact]
    public async Task Our_own_page_behind_a_proxy_that_ends_tls_may_post()
    {
        await using var api = await RunningApi.Start(n => n.Current.AllowedHosts = ["node.example"]);
        api.Node.Core.Answer("SYNC_SWARM", true, "ok");
        var head = $"POST /api/swarm/sync HTTP/1.1\r\nHost: node.example\r\nOrigin: https://node.example\r\nAuthorization: Bearer {api.AdminKey}\r\nContent-Length: 0\r\nConnection: close\r\n";
        (await Raw.Send(api.Url, head + "X-Forwarded-Proto: https\r\n\r\n")).ShouldStartWith("HTTP/1.1 200");
        (await Raw.Send(api.Url, head + "\r\n")).ShouldStartWith("HTTP/1.1 403");
    }

    [Fact]
    public async Task A_key_never_reaches_the_log()
    {
        await using var api = await RunningApi.Start();
        _ = await api.Post("/api/config", "{}", api.AdminKey);
        _ = await api.Post("/api/config", "{}", "wrong-secret");
        api.Node.Log.Lines.ShouldAllBe(l => !l.Text.Contains(api.AdminKey) && !l.Text.Contains("wrong-secret"));
    }

    [Theory]
    [InlineData("evil.example", 400)]
    [InlineData("evil.example:8080", 400)]
    [InlineData("localhost", 200)]
    [InlineData("[::1]:80", 200)]
    public async Task Only_our_own_names_are_answered_for(string host, int status)
    {
        await using var api = await RunningApi.Start();
        (await Raw.Send(api.Url, $"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).ShouldStartWith($"HTTP/1.1 {status}");
    }

    [Fact]
    public async Task Pages_of_other_origins_may_not_call_and_get_no_cors_header()
    {
        await using var api = await RunningApi.Start();
        var answer = await Raw.Send(api.Url, $"POST /api/swarm/sync HTTP/1.1\r\nHost: {api.Url.Authority}\r\nOrigin: https://evil.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        answer.ShouldStartWith("HTTP/1.1 403");
        answer.ShouldContain("bad_origin");
        answer.ShouldNotContain("Access-Control");
        api.Node.Core.Received.ShouldBeEmpty();

        (await Raw.Get(api.Url, "/healthz", $"Origin: http://{api.Url.Authority}\r\n")).ShouldStartWith("HTTP/1.1 200");
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "https://evil.example");
        _ = await Should.ThrowAsync<WebSocketException>(socket.ConnectAsync(new Uri($"ws://{api.Url.Authority}/api/ws"), CancellationToken.None));
    }

    [Fact]
    public async Task A_configured_origin_gets_its_cors_headers()
    {
        await using var api = await RunningApi.Start(n => n.Current.AllowedOrigins = ["https://wall.example"]);
        (await Raw.Get(api.Url, "/healthz", "Origin: https://wall.example\r\n")).ShouldContain("Access-Control-Allow-Origin: https://wall.example");
        var preflight = await Raw.Send(api.Url, $"OPTIONS /api/config HTTP/1.1\r\nHost: {api.Url.Authority}\r\nOrigin: https://wall.example\r\nAccess-Control-Request-Method: POST\r\nConnection: close\r\n\r\n");
        preflight.ShouldStartWith("HTTP/1.1 204");
        preflight.ShouldContain("Access-Control-Allow-Headers: Authorization");
    }

    [Fact]
    public async Task A_proxy_on_this_machine_does_not_make_its_clients_local()
    {
        await using var api = await RunningApi.Start(n => n["stats"].Publish(Frames.Stats));
        _ = await api.GetWhen("/api/stats", HttpStatusCode.OK);
        (await Raw.Get(api.Url, "/api/stats", "X-Forwarded-For: 203.0.113.9\r\n")).ShouldStartWith("HTTP/1.1 401");
        (await Raw.Get(api.Url, "/api/stats", $"X-Forwarded-For: 203.0.113.9\r\nAuthorization: Bearer {api.AdminKey}\r\n")).ShouldStartWith("HTTP/1.1 200");
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://*:0")]
    [InlineData("http://[::]:0")]
    [InlineData("https://0.0.0.0:0")]
    [InlineData("http://example.org")]
    [InlineData("nonsense")]
    [InlineData("")]
    public async Task An_address_that_strangers_could_use_in_the_clear_is_refused_at_start(string urls)
    {
        var error = await Should.ThrowAsync<ArgumentException>(RunningApi.Start(n => n.Current.Urls = urls));
        error.Message.ShouldContain("Api.Rest:");
        new RestOptions { Urls = urls }.Validate(new System.ComponentModel.DataAnnotations.ValidationContext(new object())).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_ticket_opens_one_stream_once()
    {
        await using var api = await RunningApi.Start(n => n["stats"].Publish(Frames.Stats));
        var (_, body) = await api.Post("/api/tickets", null, api.AdminKey);
        var ticket = body.GetProperty("data").GetProperty("ticket").GetString();
        using (var events = await EventReader.Open(api.Client, $"/api/stream?channels=stats&ticket={ticket}"))
        {
            _ = await events.Next("hello");
        }

        (await Raw.Get(api.Url, $"/api/stream?channels=stats&ticket={ticket}")).ShouldStartWith("HTTP/1.1 401");
        (await Raw.Get(api.Url, $"/api/stats?ticket={ticket}", "X-Forwarded-For: 203.0.113.9\r\n")).ShouldStartWith("HTTP/1.1 401");
    }

    [Fact]
    public async Task Too_many_requests_a_second_are_told_to_wait_and_only_whoever_sent_them()
    {
        await using var api = await RunningApi.Start(n =>
        {
            n.Current.RequestsPerSecond = 3;
            n["stats"].Publish(Frames.Stats);
        });
        _ = await api.GetWhen("/api/stats", HttpStatusCode.OK);
        var keys = KeyStore.Open(api.Node.RuntimeDirectory, api.Node.Instance, api.Node.Time);
        _ = keys.Add([CommandScope.Read], null, out var other);
        await Eventually.Become(
            async () =>
            {
                using var response = await Get(api.AdminKey);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    return false;
                }

                response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
                response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
                (await RunningApi.Json(response)).GetProperty("code").GetString().ShouldBe("rate_limited");
                return true;
            },
            "a key that asks without end is held back");
        using var others = await Get(other);
        others.StatusCode.ShouldBe(HttpStatusCode.OK, "another key has its own rate");
        for (var i = 0; i < 10; i++)
        {
            using var local = await Get(null);
            local.StatusCode.ShouldBe(HttpStatusCode.OK, "loopback without a key has none");
        }

        await Eventually.Become(
            async () =>
            {
                await Task.Delay(300);
                using var later = await Get(api.AdminKey);
                return later.StatusCode == HttpStatusCode.OK;
            },
            "and is let in again when it waits");

        async Task<HttpResponseMessage> Get(string? key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/stats");
            request.Headers.Authorization = key is null ? null : new("Bearer", key);
            return await api.Client.SendAsync(request);
        }
    }

    [Fact]
    public async Task Too_many_posts_a_second_are_told_to_wait()
    {
        await using var api = await RunningApi.Start(n => n.Current.CommandsPerSecond = 2);
        api.Node.Core.Answer("SYNC_SWARM", true, "ok");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => api.Post("/api/swarm/sync")));
        answers.ShouldContain(a => a.Status == HttpStatusCode.OK);
        answers.ShouldContain(a => a.Status == HttpStatusCode.TooManyRequests && a.Body.GetProperty("code").GetString() == "rate_limited");
    }
}
