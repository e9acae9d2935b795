using System.Text;
using System.Text.Json;
using Omnisight.Kernel.Configuration;
using Omnisight.TestKit;

namespace Omnisight.Kernel.Tests.Configuration;

/// <summary>A plugins directory with two manifests, and a file to configure them.</summary>
public sealed class ConfigurationFixture : IDisposable
{
    public const string Ring = """
        { "id": "Acme.Ring", "version": "1.2.3", "contract": "[1.0,2.0)", "entry": "Acme.Ring.dll", "description": "A ring.",
          "aliases": ["ring"], "provides": ["transport:ring"],
          "options": {
            "Slots":   { "type": "integer", "default": 4, "minimum": 2, "maximum": 64, "restart": true, "description": "How many slots." },
            "Ratio":   { "type": "number", "default": 0.5, "minimum": 0, "maximum": 1 },
            "Mode":    { "type": "string", "default": "safe", "enum": ["safe", "map"] },
            "Beat":    { "type": "duration", "default": "00:00:00.500", "minimum": "00:00:00.010", "maximum": "00:01:00" },
            "Users":   { "type": "array", "items": "integer", "default": [] },
            "Token":   { "type": "string", "secret": true },
            "LoopForever": { "type": "boolean", "default": false } } }
        """;

    public const string Web = """
        { "id": "Acme.Web", "version": "1.0.0", "contract": "[1.0,2.0)", "entry": "Acme.Web.dll", "aliases": ["web"],
          "options": { "Urls": { "type": "string", "default": "http://127.0.0.1:8080", "restart": true } } }
        """;

    private readonly TestInstance _instance = new();

    public ConfigurationFixture()
    {
        Plugin("Acme.Ring", Ring);
        Plugin("Acme.Web", Web);
    }

    public string PluginsDirectory => Path.Combine(_instance.Directory, "plugins");

    public string File => _instance.FilePath("node.json");

    public string LocalFile => _instance.FilePath("node.local.json");

    public string Directory => _instance.Directory;

    public void Plugin(string folder, string? manifest)
    {
        var path = Path.Combine(PluginsDirectory, folder);
        _ = System.IO.Directory.CreateDirectory(path);
        if (manifest is not null)
        {
            System.IO.File.WriteAllText(Path.Combine(path, "plugin.json"), manifest);
        }
    }

    public NodeConfiguration Load(string? json = null, IReadOnlyDictionary<string, string>? environment = null, params string[] set)
    {
        if (json is not null)
        {
            System.IO.File.WriteAllText(File, json);
        }

        return NodeConfiguration.Load(new ConfigurationSources
        {
            File = json is null ? null : File,
            Environment = environment ?? new Dictionary<string, string>(),
            Set = set,
            DefaultPluginsDirectory = PluginsDirectory,
        });
    }

    public IReadOnlyList<ConfigError> Errors(string? json = null, IReadOnlyDictionary<string, string>? environment = null, params string[] set)
    {
        try
        {
            _ = Load(json, environment, set);
            return [];
        }
        catch (ConfigurationException e)
        {
            return e.Errors;
        }
    }

    public static JsonElement Json(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    public static JsonElement Written(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            write(writer);
        }

        return Json(Encoding.UTF8.GetString(stream.ToArray()));
    }

    public void Dispose() => _instance.Dispose();
}
