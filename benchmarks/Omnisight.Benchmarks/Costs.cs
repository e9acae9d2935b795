using System.IO.Hashing;
using BenchmarkDotNet.Attributes;
using Omnisight.Messages;
using Omnisight.Transport.Shm;

namespace Omnisight.Benchmarks;

/// <summary>
/// Costs of single functions, for 50 to 1,000 objects, beside the floor (memcpy + CRC-32 of the same bytes). Processes and latency are measured by
/// <c>omnisight bench</c>.
/// </summary>
[MemoryDiagnoser]
[ShortRunJob]
public class Costs
{
    private readonly DetectionCodec _codec = new();
    private readonly DetectionFrame _decoded = new();
    private DetectionFrame _frame = null!;
    private byte[] _encoded = null!, _scratch = null!;
    private ShmTransport _writing = null!, _safe = null!, _map = null!;
    private Publisher<DetectionFrame> _publisher = null!;
    private Reader<DetectionFrame> _safeReader = null!, _mapReader = null!;
    private ILeasingReader _leaser = null!;
    private int _length;

    /// <summary>Objects in a frame.</summary>
    [Params(50, 200, 1000)]
    public int Objects { get; set; }

    /// <summary>Opens a channel of its own.</summary>
    [GlobalSetup]
    public void Open()
    {
        var instance = $"bdn-{Environment.ProcessId}";
        var spec = _codec.DefaultChannel with { Capacity = Objects, MaxPayloadBytes = _codec.MaxBytes(2, Objects, PayloadEncoding.Binary) };
        _writing = new ShmTransport(new BenchmarkContext(instance, new ShmOptions { NamedSemaphores = false }));
        _safe = new ShmTransport(new BenchmarkContext(instance, new ShmOptions()));
        _map = new ShmTransport(new BenchmarkContext(instance, new ShmOptions { ReadMode = "map" }));
        _publisher = new Publisher<DetectionFrame>(_writing.OpenPublisher(spec), _codec);
        _safeReader = new Reader<DetectionFrame>(_safe.OpenReader(spec), _codec);
        _mapReader = new Reader<DetectionFrame>(_map.OpenReader(spec), _codec);
        _leaser = (ILeasingReader)_map.OpenReader(spec);
        _frame = new DetectionFrame { Width = 1920, Height = 1080 };
        foreach (ref var detection in _frame.Resize(Objects))
        {
            detection = new DetectedObject { Class = ObjectClass.Person, Confidence = 0.5f, Bbox = new Box(0.1f, 0.2f, 0.05f, 0.2f) };
        }

        _scratch = new byte[spec.MaxPayloadBytes];
        _length = _codec.Encode(_frame, 2, _scratch);
        _encoded = _scratch[.._length];
        _publisher.Publish(_frame);
    }

    /// <summary>Removes it.</summary>
    [GlobalCleanup]
    public async Task Close()
    {
        await _safeReader.DisposeAsync();
        await _mapReader.DisposeAsync();
        await _leaser.DisposeAsync();
        await _writing.DisposeAsync();
        await _safe.DisposeAsync();
        await _map.DisposeAsync();
        File.Delete($"/dev/shm/.bdn-{Environment.ProcessId}_detections.lock");
    }

    /// <summary>The floor: copy and checksum.</summary>
    [Benchmark(Baseline = true)]
    public uint Floor()
    {
        _encoded.CopyTo(_scratch, 0);
        return Crc32.HashToUInt32(_scratch.AsSpan(0, _length));
    }

    /// <summary>CRC-32 alone.</summary>
    [Benchmark]
    public uint Checksum() => Crc32.HashToUInt32(_encoded);

    /// <summary>Frame to bytes.</summary>
    [Benchmark]
    public int Encode() => _codec.Encode(_frame, 2, _scratch);

    /// <summary>Bytes to frame.</summary>
    [Benchmark]
    public Rejection Decode() => _codec.Decode(_encoded, _decoded);

    /// <summary>Encode, checksum, slot, wake.</summary>
    [Benchmark]
    public PublishResult Publish() => _publisher.Publish(_frame);

    /// <summary>The same, and a read in map mode.</summary>
    [Benchmark]
    public ReadStatus PublishAndReadMapped()
    {
        _publisher.Publish(_frame);
        return _mapReader.Read();
    }

    /// <summary>The same, and a read in safe mode.</summary>
    [Benchmark]
    public ReadStatus PublishAndReadSafe()
    {
        _publisher.Publish(_frame);
        return _safeReader.Read();
    }

    /// <summary>A lease of the newest frame, and its validation.</summary>
    [Benchmark]
    public bool LeaseAndValidate()
    {
        _leaser.TryLease(out var lease);
        return lease.Validate();
    }
}
