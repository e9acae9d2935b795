using System.Text;
using Omnisight.TestKit;
using Omnisight.Transport.Files.Testing;

namespace Omnisight.Transport.JsonFile.Tests;

/// <summary>A transport on an instance of the test's own, and the documents past it.</summary>
public abstract class JsonFileTest : IAsyncDisposable
{
    private readonly List<JsonFileTransport> _others = [];

    protected JsonFileTest()
    {
        Context = new TestPluginContext(Instance);
        Transport = new JsonFileTransport(Context);
    }

    private protected static ChannelSpec Stats { get; } = new() { Name = ChannelName.Parse("stats"), MessageId = "omnisight.stats/1", Period = TimeSpan.FromSeconds(1) };

    /// <summary>A channel as the peer process opens it.</summary>
    private protected static ChannelSpec Stress { get; } = new()
    {
        Name = ChannelName.Parse("stress"),
        MessageId = "stress.frame/1",
        Period = TimeSpan.FromMilliseconds(100),
        MaxPayloadBytes = 4096,
    };

    private protected TestInstance Instance { get; } = new();

    private protected TestPluginContext Context { get; }

    private protected JsonFileTransport Transport { get; }

    private protected string StatsPath => Instance.FilePath($"{Instance.Name}_stats.json");

    public async ValueTask DisposeAsync()
    {
        foreach (var other in _others)
        {
            await other.DisposeAsync();
        }

        await Transport.DisposeAsync();
        Instance.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected JsonFileTransport Other(JsonFileOptions options, TimeProvider? time = null)
    {
        var other = new JsonFileTransport(new TestPluginContext(Instance, options, time));
        _others.Add(other);
        return other;
    }

    /// <summary>What another program's atomic write does.</summary>
    private protected void Replace(ReadOnlySpan<byte> document, int mode = 0x1A0)
    {
        var temporary = StatsPath + ".other";
        File.WriteAllBytes(temporary, document.ToArray());
        File.SetUnixFileMode(temporary, (UnixFileMode)mode);
        File.Move(temporary, StatsPath, overwrite: true);
    }

    private protected void Replace(string document) => Replace(Encoding.Latin1.GetBytes(document));

    private protected string[] Temporaries() =>
        Directory.GetFiles(Instance.Directory, "*.tmp", new EnumerationOptions { AttributesToSkip = 0 });
}
