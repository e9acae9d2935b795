using Omnisight.PeerProcess;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>A test with an instance of its own: ends in this process, peers in others, and the region's bytes in reach.</summary>
public abstract class ShmTest : IAsyncLifetime
{
    protected const int PayloadBytes = 4096;
    protected const string MessageId = "stress.frame/1";

    private readonly Stack<IAsyncDisposable> _opened = new();
    private readonly Stack<IDisposable> _peers = new();

    protected TestInstance Instance { get; } = new();

    protected string RegionPath => Instance.Region("stress");

    internal StressDecoder Decoder { get; } = new(PayloadEncoding.Binary);

    public ValueTask InitializeAsync() => default;

    public virtual async ValueTask DisposeAsync()
    {
        while (_peers.TryPop(out var peer))
        {
            peer.Dispose();
        }

        while (_opened.TryPop(out var opened))
        {
            await opened.DisposeAsync();
        }

        Instance.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static ChannelSpec Stress(int bytes = PayloadBytes, int periodMs = 100) => new()
    {
        Name = ChannelName.Parse("stress"),
        MessageId = MessageId,
        MaxPayloadBytes = bytes,
        Period = TimeSpan.FromMilliseconds(periodMs),
    };

    internal ShmTransport Transport(ShmOptions? options = null) => Transport(new ShmContext(Instance, options));

    internal ShmTransport Transport(ShmContext context)
    {
        var transport = new ShmTransport(context);
        _opened.Push(transport);
        return transport;
    }

    protected IPublisher Publisher(ChannelSpec? channel = null, ShmOptions? options = null) => Kept(Transport(options).OpenPublisher(channel ?? Stress()));

    protected IReader Reader(string mode = "safe", ChannelSpec? channel = null) => Kept(Transport(new ShmOptions { ReadMode = mode }).OpenReader(channel ?? Stress()));

    protected T Kept<T>(T end)
        where T : IAsyncDisposable
    {
        _opened.Push(end);
        return end;
    }

    protected T Owned<T>(T peer)
        where T : IDisposable
    {
        _peers.Push(peer);
        return peer;
    }

    /// <summary>Starts a peer process on this instance and the channel 'stress'.</summary>
    protected ChildProcess Peer(params string[] arguments) =>
        Owned(ChildProcess.StartDotnet(TestPaths.Assembly("tests/Omnisight.PeerProcess"), [.. arguments, "--instance", Instance.Name, "--directory", Instance.Directory]));

    /// <summary>Leaves the region as a writer that was killed leaves it: nobody mends it any more.</summary>
    protected async Task Abandon(IPublisher publisher)
    {
        var bytes = File.ReadAllBytes(RegionPath);
        await publisher.DisposeAsync();
        File.WriteAllBytes(RegionPath, bytes);
        RegionBytes.Write(RegionPath, RegionLayout.WriterStartTicksAt, 1ul);
    }

    /// <summary>Waits for the writer's next sign of life, and looks again and again meanwhile.</summary>
    protected async Task NextBeat(Action? look = null)
    {
        var beat = RegionBytes.U64(RegionPath, RegionLayout.HeartbeatAt);
        await Eventually.Become(
            () =>
            {
                look?.Invoke();
                return RegionBytes.U64(RegionPath, RegionLayout.HeartbeatAt) != beat;
            },
            "a heartbeat");
    }

    /// <summary>Which file stands in the region's place.</summary>
    protected string Inode()
    {
        Native.TryStat(RegionPath, out var facts);
        return $"{facts.Inode}";
    }

    protected static void Publish(IPublisher publisher, ulong number)
    {
        var buffer = new byte[PayloadBytes];
        publisher.Publish(buffer.AsSpan(0, StressPayload.Fill(number, buffer, PayloadBytes))).ShouldBe(PublishResult.Published);
    }

    /// <summary>Reads until the status comes, and lets nothing through that is not whole.</summary>
    protected async Task<SampleInfo> ReadUntil(IReader reader, ReadStatus expected, Func<SampleInfo, bool>? and = null)
    {
        SampleInfo info = default;
        var last = ReadStatus.NotReady;
        try
        {
            await Eventually.Become(
                () =>
                {
                    last = reader.Read(Decoder, out info);
                    if (last == ReadStatus.Fresh)
                    {
                        Decoder.IsWhole.ShouldBeTrue($"frame {info.Sequence} is torn");
                        Decoder.Number.ShouldBe(info.Sequence);
                    }

                    return last == expected && and?.Invoke(info) != false;
                },
                $"a read that gives {expected}");
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}; the last gave {last} ({info.Rejection})");
        }

        return info;
    }
}
