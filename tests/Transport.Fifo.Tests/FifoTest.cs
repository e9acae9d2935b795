using System.Text;
using Omnisight.TestKit;
using Omnisight.Transport.Files;
using Omnisight.Transport.Files.Testing;

namespace Omnisight.Transport.Fifo.Tests;

/// <summary>A transport on an instance of the test's own, and bytes past it.</summary>
public abstract class FifoTest : IAsyncDisposable
{
    private readonly List<FifoTransport> _others = [];

    protected FifoTest()
    {
        Context = new TestPluginContext(Instance);
        Transport = new FifoTransport(Context);
    }

    private protected TestInstance Instance { get; } = new();

    private protected TestPluginContext Context { get; }

    private protected FifoTransport Transport { get; }

    private protected string CommandsPath => Instance.FilePath($"{Instance.Name}_cmd");

    private protected string AcksPath => Instance.FilePath($"{Instance.Name}_cmd_ack");

    private protected string DetectionsPath => Instance.FilePath($"{Instance.Name}_detections");

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

    /// <summary>What the transport that was made last logged.</summary>
    private protected TestPluginContext OtherContext { get; private set; } = null!;

    private protected FifoTransport Other(FifoOptions options, TimeProvider? time = null)
    {
        OtherContext = new TestPluginContext(Instance, options, time);
        var other = new FifoTransport(OtherContext);
        _others.Add(other);
        return other;
    }

    /// <summary>What <c>printf ... > fifo</c> does; false when the pipe is full or nobody reads.</summary>
    private protected static bool WriteRaw(string path, ReadOnlySpan<byte> bytes)
    {
        var fd = UnixFile.Open(new NativePath(path), Native.OWrOnly | Native.ONonBlock);
        var written = fd < 0 ? fd : UnixFile.Write(fd, bytes);
        UnixFile.Close(ref fd);
        return written == bytes.Length;
    }

    private protected static bool WriteRaw(string path, string text) => WriteRaw(path, Encoding.Latin1.GetBytes(text));
}
