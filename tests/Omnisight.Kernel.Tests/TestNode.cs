using System.Text.Json.Nodes;
using Omnisight.Kernel.Configuration;
using Omnisight.TestKit;

namespace Omnisight.Kernel.Tests;

/// <summary>A plugins directory of a test's own, filled from the built fixtures, and nodes on it.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly TestInstance _instance = new();
    private readonly JsonObject _root = [];
    private readonly List<Node> _nodes = [];

    public TestNode(params string[] plugins)
    {
        Directory.CreateDirectory(PluginsDirectory);
        Set("Instance", _instance.Name);
        Set("RuntimeDirectory", _instance.Directory);
        Use(plugins);
        foreach (var plugin in plugins)
        {
            Install(plugin);
        }

        foreach (var channel in new[] { "commands", "acks", "stats", "status", "plugins", "config" })
        {
            Set($"Channels:{channel}:Transport", "memory");
        }
    }

    /// <summary>The built fixtures.</summary>
    public static string Fixtures => Path.Combine(TestPaths.Repository, "artifacts/test-plugins");

    public string PluginsDirectory => _instance.FilePath("plugins");

    public string ConfigurationFile => _instance.FilePath("node.json");

    public string RuntimeDirectory => _instance.Directory;

    public string Instance => _instance.Name;

    public CapturedLog Log { get; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public string Folder(string plugin) => Path.Combine(PluginsDirectory, plugin);

    /// <summary>Copies a built fixture into the directory, under another name if given; its manifest is not changed.</summary>
    public string Install(string plugin, string? folder = null)
    {
        var target = Folder(folder ?? plugin);
        CopyFolder(Path.Combine(Fixtures, plugin), target);
        return target;
    }

    /// <summary>Makes a plugin folder out of nothing but a manifest; what else it holds is the test's.</summary>
    public string Make(string id, Action<JsonObject>? change = null)
    {
        var folder = Folder(id);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "plugin.json"), "{}");
        Edit(id, m =>
        {
            m["id"] = id;
            m["version"] = "1.0.0";
            m["contract"] = "[1.0,2.0)";
            m["entry"] = id + ".dll";
            change?.Invoke(m);
        });
        return folder;
    }

    /// <summary>Adds the real shared-memory transport to the plugins.</summary>
    public void InstallShm() => InstallReal("Transport.Shm");

    /// <summary>Adds a plugin of the product to the plugins.</summary>
    public void InstallReal(string plugin)
    {
        CopyFolder(Path.Combine(TestPaths.Plugins, plugin), Folder(plugin));
        _root["Plugins"]!["Sets"]!["test"]!.AsArray().Insert(0, plugin);
    }

    /// <summary>Adds the real transport of JSON files to the plugins.</summary>
    public void InstallJsonFile()
    {
        CopyFolder(Path.Combine(TestPaths.Plugins, "Transport.JsonFile"), Folder("Transport.JsonFile"));
        _root["Plugins"]!["Sets"]!["test"]!.AsArray().Insert(0, "Transport.JsonFile");
    }

    /// <summary>Changes the manifest of an installed plugin.</summary>
    public void Edit(string folder, Action<JsonObject> change)
    {
        var file = Path.Combine(Folder(folder), "plugin.json");
        var manifest = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        change(manifest);
        File.WriteAllText(file, manifest.ToJsonString());
    }

    public void Use(params string[] plugins) => _root["Plugins"] = new JsonObject
    {
        ["Directory"] = PluginsDirectory,
        ["Use"] = "test",
        ["Sets"] = new JsonObject { ["test"] = new JsonArray([.. plugins.Select(p => JsonValue.Create(p))]) },
    };

    /// <summary>Sets a key, levels by colons.</summary>
    public void Set(string key, JsonNode value)
    {
        var levels = key.Split(':');
        var node = _root;
        foreach (var level in levels[..^1])
        {
            node = (node[level] ??= new JsonObject()).AsObject();
        }

        node[levels[^1]] = value;
    }

    public NodeSettings Settings()
    {
        var file = ConfigurationFile;
        File.WriteAllText(file, new JsonObject { ["Omnisight"] = _root.DeepClone() }.ToJsonString());
        return new NodeSettings
        {
            Configuration = NodeConfiguration.Load(new ConfigurationSources { File = file }),
            Loggers = Log,
            Time = Time,
            Version = "test",
        };
    }

    /// <summary>A started node.</summary>
    public async Task<Node> StartAsync()
    {
        var node = new Node(Settings());
        _nodes.Add(node);
        await node.StartAsync();
        return node;
    }

    private static void CopyFolder(string source, string target)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        _instance.Dispose();
    }
}
