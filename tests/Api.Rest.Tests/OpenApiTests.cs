using System.Net;
using System.Text.Json;
using Omnisight.Api.Rest.Security;
using Omnisight.Api.Rest.Tests.Node;
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
    public void The_document_names_every_endpoint_and_no_other()
    {
        var paths = JsonDocument.Parse(Committed).RootElement.GetProperty("paths");
        var documented = paths.EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(o => $"{o.Name.ToUpperInvariant()} {p.Name}"));
        documented.Order().ShouldBe(EndpointTable.Entries.Keys.Except(Pages).Order());
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
                var status = ((int)response.StatusCode).ToString();
                var at = $"{operation.Name} {path.Name} {status}";
                if (!operation.Value.GetProperty("responses").TryGetProperty(status, out var described))
                {
                    check.Problems.Add($"{at} is not documented");
                    continue;
                }

                described = described.TryGetProperty("$ref", out var reference) ? check.Resolve(reference.GetString()!) : described;
                check.Check(described.GetProperty("content").GetProperty("application/json").GetProperty("schema"), await RunningApi.Json(response), at);
            }
        }

        check.Problems.ShouldBeEmpty();
    }
}
