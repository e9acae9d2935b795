using Omnisight;

namespace Acme.Gizmo;

/// <summary>Writes a temporary file and renames it over the old one: readers see one or the other, never a part.</summary>
internal sealed class GizmoPublisher : IPublisher
{
    private readonly string _path;
    private readonly byte[] _file;
    private readonly FileStream _lock;
    private ulong _sequence;
    private bool _closed;

    public GizmoPublisher(ChannelSpec channel, string path)
    {
        Channel = channel;
        _path = path;
        _file = new byte[GizmoFile.HeaderBytes + channel.MaxPayloadBytes];
        try
        {
            // FileShare.None is an flock: the system frees it when the process dies.
            _lock = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new TransportException(TransportError.InUse, $"channel '{channel.Name}' already has a publisher ({path}.lock is held); stop it or choose another Omnisight:Instance", e);
        }
    }

    public ChannelSpec Channel { get; }

    public PayloadEncoding Encoding => PayloadEncoding.Binary;

    public ulong Epoch { get; } = (ulong)Random.Shared.NextInt64(1, 1L << 53);

    public ChannelCounters Counters { get; } = new();

    public PublishResult Publish(ReadOnlySpan<byte> payload)
    {
        if (_closed)
        {
            return PublishResult.Closed;
        }

        if (payload.Length > Channel.MaxPayloadBytes)
        {
            return PublishResult.TooLarge;
        }

        GizmoFile.WriteHeader(_file, Epoch, _sequence + 1, MonotonicClock.NowNs());
        payload.CopyTo(_file.AsSpan(GizmoFile.HeaderBytes));
        try
        {
            File.WriteAllBytes(_path + ".tmp", _file.AsSpan(0, GizmoFile.HeaderBytes + payload.Length));
            File.Move(_path + ".tmp", _path, overwrite: true);
        }
        catch (IOException)
        {
            Counters.Lost++;
            return PublishResult.Failed;
        }

        _sequence++;
        Counters.Values++;
        Counters.Bytes += payload.Length;
        return PublishResult.Published;
    }

    public ValueTask DisposeAsync()
    {
        if (!_closed)
        {
            _closed = true;
            File.Delete(_path);
            _lock.Dispose();
        }

        return default;
    }
}
