using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.Kernel;
using Omnisight.Kernel.Configuration;
using Omnisight.Messages;
using Omnisight.Transport.Shm;

namespace Omnisight.Benchmarks;

/// <summary>
/// What the kernel adds to a frame: publishing 50 objects through shared memory with ends that a kernel wired, against ends made by hand.
/// The two must cost the same, and allocate nothing.
/// </summary>
[MemoryDiagnoser]
public class KernelPathBenchmarks
{
    private static readonly ChannelName Detections = ChannelName.Parse("detections");

    private readonly DetectionFrame _frame = new() { Width = 1280, Height = 720 };
    private string _directory = "";
    private NodeTools? _kernel;
    private ShmTransport? _transport;
    private IPublisher? _wiredEnd, _directEnd;
    private Publisher<DetectionFrame>? _wired, _direct;

    /// <summary>Opens both ends, each on an instance of its own.</summary>
    [GlobalSetup]
    public async Task Open()
    {
        for (var i = 0; i < 50; i++)
        {
            _frame.Add(new DetectedObject { Id = (uint)i, Confidence = 0.5f });
        }

        _directory = Directory.CreateTempSubdirectory("omnisight-bench-").FullName;
        _kernel = await NodeTools.OpenAsync(Settings());
        _wiredEnd = _kernel.OpenPublisher(Detections);
        _wired = new Publisher<DetectionFrame>(_wiredEnd, new DetectionCodec());

        _transport = new ShmTransport(new BenchmarkContext($"bench-direct-{Environment.ProcessId}", new ShmOptions()));
        _directEnd = _transport.OpenPublisher(_kernel.Describe(Detections)!);
        _direct = new Publisher<DetectionFrame>(_directEnd, new DetectionCodec());
    }

    /// <summary>Closes both ends.</summary>
    [GlobalCleanup]
    public async Task Close()
    {
        await _wiredEnd!.DisposeAsync();
        await _directEnd!.DisposeAsync();
        await _kernel!.DisposeAsync();
        await _transport!.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Without a kernel.</summary>
    [Benchmark(Baseline = true)]
    public PublishResult Direct() => _direct!.Publish(_frame);

    /// <summary>With one.</summary>
    [Benchmark]
    public PublishResult Wired() => _wired!.Publish(_frame);

    private NodeSettings Settings() => new()
    {
        Configuration = NodeConfiguration.Load(new ConfigurationSources
        {
            Instance = $"bench-wired-{Environment.ProcessId}",
            Set = [$"RuntimeDirectory={_directory}"],
            DefaultPluginsDirectory = PluginsDirectory(),
        }),
        Loggers = NullLoggerFactory.Instance,
        BuiltIn = [typeof(DetectionCodec).Assembly],
    };

    /// <summary>The built plugins, from the program's own folder upwards.</summary>
    private static string PluginsDirectory()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !Directory.Exists(Path.Combine(folder.FullName, "artifacts/plugins")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? throw new InvalidOperationException("build the plugins first: artifacts/plugins is not above this program"), "artifacts/plugins");
    }
}
