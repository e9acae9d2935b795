using System.Reflection;
using System.Text.Json;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Transport.Files.Testing;

/// <summary>A manifest describes exactly the options that its plugin's class has.</summary>
internal static class ManifestChecks
{
    public static void ShouldDescribe<TOptions>(string plugin)
        where TOptions : new()
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TestPaths.Repository, "plugins", plugin, "plugin.json")));
        manifest.RootElement.GetProperty("id").GetString().ShouldBe(plugin);
        manifest.RootElement.GetProperty("entry").GetString().ShouldBe(plugin + ".dll");
        var described = manifest.RootElement.GetProperty("options");
        var properties = typeof(TOptions).GetProperties();
        described.EnumerateObject().Select(o => o.Name).ShouldBe(properties.Select(p => p.Name), ignoreOrder: true);
        var defaults = new TOptions();
        foreach (var property in properties)
        {
            var option = described.GetProperty(property.Name);
            var value = property.GetValue(defaults);
            option.GetProperty("description").GetString().ShouldNotBeNullOrEmpty();
            option.GetProperty("restart").GetBoolean().ShouldBe(property.GetCustomAttribute<RestartRequiredAttribute>() is not null, property.Name);
            var (type, shown) = value switch
            {
                TimeSpan time => ("duration", time.ToString()),
                bool flag => ("boolean", flag ? "True" : "False"),
                int number => ("integer", number.ToString()),
                string text => ("string", text),
                Array => ("array", "[]"),
                _ => throw new InvalidOperationException($"{property.Name} is of a type that manifests do not know"),
            };
            option.GetProperty("type").GetString().ShouldBe(type, property.Name);
            option.GetProperty("default").ToString().ShouldBe(shown, property.Name);
            if (property.GetCustomAttribute<System.ComponentModel.DataAnnotations.RangeAttribute>() is { } range)
            {
                option.GetProperty("minimum").ToString().ShouldBe(range.Minimum.ToString(), property.Name);
                option.GetProperty("maximum").ToString().ShouldBe(range.Maximum.ToString(), property.Name);
            }
        }
    }
}
