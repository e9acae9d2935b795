using System.Net;
using Omnisight.Api.Rest.Tests.Node;
using Shouldly;

namespace Omnisight.Api.Rest.Tests;

/// <summary>A change that was to be tried out only must never be made.</summary>
public class DryRunTests
{
    private const string Command = """{"module":"perception","config":{"a":1}DRY}""";
    private const string Document = """{"Perception.Simulator":{"a":1}DRY}""";

    [Theory]
    [InlineData("", ",\"dry_run\":true")]
    [InlineData("?dry_run=true", "")]
    [InlineData("?dry_run=True", "")]
    [InlineData("?dry_run=1", "")]
    [InlineData("?dry_run=true", ",\"dry_run\":false")]
    [InlineData("?dry_run=false", ",\"dry_run\":true")]
    public async Task Said_in_the_query_or_in_the_body_it_reaches_the_core(string query, string member)
    {
        await using var api = await RunningApi.Start();
        api.Node.Core.Answer("CONFIG_UPDATE", true, "would change a");
        foreach (var form in new[] { Command, Document })
        {
            var (status, _) = await api.Post("/api/config" + query, form.Replace("DRY", member, StringComparison.Ordinal), api.AdminKey);
            status.ShouldBe(HttpStatusCode.OK);
            var data = api.Node.Core.Received.Last().Data;
            data.ShouldEndWith(",\"dry_run\":true}");
            data.IndexOf("dry_run", StringComparison.Ordinal).ShouldBe(data.LastIndexOf("dry_run", StringComparison.Ordinal), "it is no section of the configuration");
        }
    }

    [Theory]
    [InlineData("?dry_run", "")]
    [InlineData("?dry_run=yes", "")]
    [InlineData("?dry_run=true&dry_run=maybe", "")]
    [InlineData("", ",\"dry_run\":\"true\"")]
    [InlineData("", ",\"dry_run\":1")]
    [InlineData("", ",\"dry_run\":null")]
    [InlineData("?dry_run=false&dry_run=true", "")]
    public async Task What_says_neither_yes_nor_no_changes_nothing(string query, string member)
    {
        await using var api = await RunningApi.Start();
        foreach (var form in new[] { Command, Document })
        {
            var (status, body) = await api.Post("/api/config" + query, form.Replace("DRY", member, StringComparison.Ordinal), api.AdminKey);
            status.ShouldBe(HttpStatusCode.BadRequest);
            body.GetProperty("code").GetString().ShouldBe("bad_value");
        }

        api.Node.Core.Received.ShouldBeEmpty();
    }
}
