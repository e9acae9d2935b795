using System.Reflection;
using System.Text.Json;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Api.Rest.Tests;

/// <summary>plugin.json and the options class say the same.</summary>
public class ManifestTests
{
    [Fact]
    public void The_manifest_describes_every_option_with_its_default_and_whether_it_needs_a_restart()
    {
        var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(TestPaths.Repository, "plugins/Api.Rest/plugin.json"))).RootElement;
        manifest.GetProperty("id").GetString().ShouldBe("Api.Rest");
        var described = manifest.GetProperty("options");
        var properties = typeof(RestOptions).GetProperties();
        described.EnumerateObject().Select(o => o.Name).Order().ShouldBe(properties.Select(p => p.Name).Order());
        var defaults = new RestOptions();
        foreach (var property in properties)
        {
            var option = described.GetProperty(property.Name);
            Shown(option.GetProperty("default")).ShouldBe(Shown(property.GetValue(defaults)), property.Name);
            (option.TryGetProperty("restart", out var restart) && restart.GetBoolean()).ShouldBe(property.GetCustomAttribute<RestartRequiredAttribute>() is not null, property.Name);
            option.GetProperty("type").GetString().ShouldBe(property.PropertyType == typeof(int) ? "integer" : property.PropertyType == typeof(bool) ? "boolean" : property.PropertyType == typeof(TimeSpan) ? "duration" : property.PropertyType.IsArray ? "array" : "string", property.Name);
            option.GetProperty("description").GetString().ShouldNotBeNullOrEmpty();
        }
    }

    private static string Shown(JsonElement value) => value.ValueKind == JsonValueKind.Array ? $"{value.GetArrayLength()} items" : value.ToString();

    private static string Shown(object? value) => value is string[] items ? $"{items.Length} items" : value?.ToString() ?? "";
}
