extern alias replay;

using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using Omnisight.Perception.Simulator;
using replay::Omnisight.Perception.Replay;

namespace Perception.Tests;

/// <summary>The manifest tells operators what the options class accepts; the two must say the same.</summary>
public sealed class ManifestTests
{
    [Theory]
    [InlineData("Perception.Simulator", typeof(SimulatorOptions))]
    [InlineData("Perception.Replay", typeof(ReplayOptions))]
    public void The_manifest_describes_the_options_class(string plugin, Type optionsType)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(TestPaths.Repository, "plugins", plugin, "plugin.json")));
        manifest.RootElement.GetProperty("id").GetString().ShouldBe(plugin);
        var described = manifest.RootElement.GetProperty("options");
        var defaults = Activator.CreateInstance(optionsType);
        described.EnumerateObject().Select(o => o.Name).Order().ShouldBe(optionsType.GetProperties().Select(p => p.Name).Order());
        foreach (var property in optionsType.GetProperties())
        {
            var option = described.GetProperty(property.Name);
            option.GetProperty("type").GetString().ShouldBe(TypeName(property.PropertyType), property.Name);
            option.GetProperty("default").ToString().ShouldBe(property.GetValue(defaults)!.ToString(), property.Name);
            (option.TryGetProperty("restart", out var restart) && restart.GetBoolean()).ShouldBe(property.IsDefined(typeof(RestartRequiredAttribute)), property.Name);
            if (property.GetCustomAttribute<RangeAttribute>() is { } range)
            {
                option.GetProperty("minimum").GetDouble().ShouldBe(Convert.ToDouble(range.Minimum), property.Name);
                option.GetProperty("maximum").GetDouble().ShouldBe(Convert.ToDouble(range.Maximum), property.Name);
            }
        }
    }

    private static string TypeName(Type type) =>
        type == typeof(int) ? "integer" : type == typeof(double) ? "number" : type == typeof(bool) ? "boolean" : "string";
}
