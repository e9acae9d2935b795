using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Omnisight.Api.Rest.Security;
using Omnisight.Api.Rest.Tests.Node;
using Omnisight.Commands;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Api.Rest.Tests;

/// <summary>docs/openapi.json is what is served, names what is mapped, and describes what is really answered.</summary>
public class OpenApiTests
{
    /// <summary>Pages and the document itself: not part of the API that programs use.</summary>
    private static readonly string[] Pages = ["GET /", "GET /dashboard/{file}", "GET /docs", "GET /docs/scalar.js", "GET /openapi/v1.json"];

    private static readonly string Committed = File.ReadAllText(Path.Combine(TestPaths.Repository, "docs/openapi.json"));

    [Fact]
    public async Task The_document_served_is_the_one_committed()
    {
        await using var api = await RunningApi.Start();
        (await api.Client.GetStringAsync("/openapi/v1.json")).ShouldBe(Committed);
    }

    [Fact]
    public async Task The_document_names_every_endpoint_and_no_other()
    {
        await using var api = await RunningApi.Start();
        var paths = JsonDocument.Parse(Committed).RootElement.GetProperty("paths");
        var documented = paths.EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(o => $"{o.Name.ToUpperInvariant()} {p.Name}"));
        documented.Order().ShouldBe(api.Module.Rules.Select(r => $"{r.Method} {r.Pattern}").Except(Pages).Order());
    }

    [Fact]
    public async Task The_document_names_every_parameter_and_no_other()
    {
        await using var api = await RunningApi.Start();
        var paths = JsonDocument.Parse(Committed).RootElement.GetProperty("paths");
        var documented =
            from path in paths.EnumerateObject()
            from operation in path.Value.EnumerateObject()
            from parameter in operation.Value.TryGetProperty("parameters", out var all) ? all.EnumerateArray().AsEnumerable() : []
            where parameter.GetProperty("in").GetString() == "query"
            select $"{operation.Name.ToUpperInvariant()} {path.Name}?{parameter.GetProperty("name").GetString()}";
        documented.Order().ShouldBe(api.Module.Rules.SelectMany(r => r.Parameters.Select(p => $"{r.Method} {r.Pattern}?{p}")).Order());
    }

    [Fact]
    public void Every_reference_in_the_document_leads_somewhere()
    {
        var document = JsonDocument.Parse(Committed).RootElement;
        var check = new SchemaCheck(document);
        Walk(document);

        void Walk(JsonElement element)
        {
            foreach (var child in element.ValueKind == JsonValueKind.Object ? element.EnumerateObject().Select(p => p.Value) : element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [])
            {
                Walk(child);
            }

            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("$ref", out var reference))
            {
                _ = Should.NotThrow(() => check.Resolve(reference.GetString()!));
            }
        }
    }

    [Fact]
    public async Task Every_answer_is_as_documented_in_a_node_that_is_well()
    {
        await using var api = await RunningApi.Start(n =>
        {
            n["detections"].Publish(Frames.Detections);
            n["tracks"].Publish(Frames.Tracks);
            n["timelines"].Publish(Frames.Timelines);
            n["stats"].Publish(Frames.Stats);
            n["status"].Publish(Frames.Status);
            n["plugins"].Publish(Frames.Plugins);
            n["config"].Publish(Frames.Config);
        });
        api.Node.Core.Answer("REFRESH_TIMELINES", true, "ok");
        api.Node.Core.Answer("SYNC_SWARM", false, "no", "not_enabled");
        api.Node.Core.Answer("CONFIG_UPDATE", true, "ok", data: """{"changed":[],"restart_required":[]}""");
        foreach (var path in new[] { "perception/detections", "perception/tracks", "timeline/predictions", "stats", "status", "plugins", "config" })
        {
            _ = await api.GetWhen("/api/" + path, HttpStatusCode.OK);
        }

        await CheckAll(api);
    }

    [Fact]
    public async Task Every_answer_is_as_documented_in_a_node_without_data()
    {
        await using var api = await RunningApi.Start();
        api.Node.Current.CommandTimeout = TimeSpan.FromMilliseconds(50);
        api.Node.Core.Alive = false;
        await CheckAll(api);
    }

    /// <summary>Every way of being refused that an operation may meet, provoked.</summary>
    [Fact]
    public async Task Every_refusal_is_as_documented()
    {
        await using var api = await RunningApi.Start(n =>
        {
            n.Current.RequestsPerSecond = 0;
            n.Current.CommandsPerSecond = 0;
        });
        _ = KeyStore.Open(api.Node.RuntimeDirectory, api.Node.Instance, api.Node.Time).Add([], null, out var powerless);
        _ = KeyStore.Open(api.Node.RuntimeDirectory, api.Node.Instance, api.Node.Time).Add([CommandScope.Admin], null, out var hasty);
        var document = JsonDocument.Parse(Committed).RootElement;
        var check = new SchemaCheck(document);
        var met = new HashSet<int>();
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                await Provoke(operation, path.Name, HttpStatusCode.RequestEntityTooLarge, r => r.Content = new ByteArrayContent(new byte[70_000]));
                await Provoke(operation, path.Name, HttpStatusCode.BadRequest, r => r.Headers.Host = "evil.example");
                await Provoke(operation, path.Name, HttpStatusCode.Forbidden, r => r.Headers.Add("Origin", "https://evil.example"));
                if (EndpointTable.Entries[$"{operation.Name.ToUpperInvariant()} {path.Name}"] != Access.Public)
                {
                    await Provoke(operation, path.Name, HttpStatusCode.Forbidden, r => r.Headers.Authorization = new("Bearer", powerless));
                }
            }
        }

        (api.Node.Current.RequestsPerSecond, api.Node.Current.CommandsPerSecond) = (1, 1);
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject().Where(o => EndpointTable.Entries[$"{o.Name.ToUpperInvariant()} {path.Name}"] != Access.Public))
            {
                await Provoke(operation, path.Name, HttpStatusCode.TooManyRequests, r => r.Headers.Authorization = new("Bearer", hasty), patience: true);
            }
        }

        await Provoke(document.GetProperty("paths").GetProperty("/api/ws").EnumerateObject().First(), "/api/ws", HttpStatusCode.UpgradeRequired, _ => { });
        check.Problems.ShouldBeEmpty();
        met.ShouldBe([400, 403, 413, 426, 429], ignoreOrder: true);

        async Task Provoke(JsonProperty operation, string path, HttpStatusCode expected, Action<HttpRequestMessage> how, bool patience = false)
        {
            var at = $"{operation.Name} {path} {(int)expected}";
            await Eventually.Become(
                async () =>
                {
                    using var request = new HttpRequestMessage(new HttpMethod(operation.Name.ToUpperInvariant()), path.Replace("{name}", "detections", StringComparison.Ordinal));
                    how(request);
                    using var response = await api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                    if (patience && response.StatusCode != expected)
                    {
                        return false;
                    }

                    response.StatusCode.ShouldBe(expected, at);
                    check.Answer(operation.Value, (int)expected, await RunningApi.Json(response), at);
                    return met.Add((int)expected) || true;
                },
                at);
        }
    }

    [Fact]
    public void Every_operation_says_what_it_answers() => OperationProblems(JsonDocument.Parse(Committed).RootElement).ShouldBeEmpty();

    [Theory]
    [InlineData("/api/stats", "200", "content")]
    [InlineData("/api/stats", "200", "schema")]
    [InlineData("/api/stats", "200", "members")]
    [InlineData("/api/stats", "responses", "200")]
    [InlineData("/api/stats", "responses", "429")]
    public void An_operation_that_does_not_say_what_it_answers_is_found(string path, string within, string missing)
    {
        var document = JsonNode.Parse(Committed)!;
        var responses = document["paths"]![path]!["get"]!["responses"]!.AsObject();
        var json = responses["200"]!["content"]?["application/json"]?.AsObject();
        switch (missing)
        {
            case "content":
                _ = responses["200"]!.AsObject().Remove("content");
                break;
            case "schema":
                _ = json!.Remove("schema");
                break;
            case "members":
                json!["schema"] = new JsonObject();
                break;
            default:
                _ = responses.Remove(missing);
                break;
        }

        OperationProblems(JsonSerializer.SerializeToElement(document)).ShouldHaveSingleItem().ShouldContain(within == "responses" ? missing : within);
    }

    /// <summary>What a program that is written from the document would miss.</summary>
    private static List<string> OperationProblems(JsonElement document)
    {
        var check = new SchemaCheck(document);
        var problems = new List<string>();
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                var at = $"{operation.Name} {path.Name}";
                var responses = operation.Value.GetProperty("responses").EnumerateObject().ToArray();
                var isOpen = EndpointTable.Entries.GetValueOrDefault($"{operation.Name.ToUpperInvariant()} {path.Name}") == Access.Public;
                string[] expected = [path.Name == "/api/ws" ? "101" : "200", "400", "403", "413", "429", .. isOpen ? Array.Empty<string>() : ["401"]];
                problems.AddRange(expected.Except(responses.Select(r => r.Name)).Select(s => $"{at} does not describe {s}"));
                problems.AddRange(responses.Where(r => r.Name is not ("101" or "304") && !check.DescribesBody(r.Value)).Select(r => $"{at} {r.Name} has no schema"));
            }
        }

        return problems;
    }

    private static async Task CheckAll(RunningApi api)
    {
        var document = JsonDocument.Parse(Committed).RootElement;
        var check = new SchemaCheck(document);
        foreach (var path in document.GetProperty("paths").EnumerateObject().Where(p => p.Name is not "/api/stream" and not "/metrics"))
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                var target = path.Name.Replace("{name}", "detections", StringComparison.Ordinal);
                using var request = new HttpRequestMessage(new HttpMethod(operation.Name.ToUpperInvariant()), target);
                request.Headers.Authorization = new("Bearer", api.AdminKey);
                if (operation.Value.TryGetProperty("requestBody", out _))
                {
                    request.Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
                }

                using var response = await api.Client.SendAsync(request);
                var status = (int)response.StatusCode;
                check.Answer(operation.Value, status, await RunningApi.Json(response), $"{operation.Name} {path.Name} {status}");
            }
        }

        check.Problems.ShouldBeEmpty();
    }
}
