using System.Text.Json;

namespace Omnisight.Cli.Recording;

/// <summary>
/// Writes a recording: lines of JSON. The first describes the channels, each other is one value:
/// <c>{"channel","t_ns","epoch","sequence","payload"}</c>, payload in base64, t_ns = publish time since the recording began.
/// </summary>
internal sealed class RecordingWriter : IDisposable
{
    public const int Version = 1;

    private readonly Stream _file;
    private readonly Utf8JsonWriter _writer;
    private readonly long _startNs;

    public RecordingWriter(string path, string instance, IReadOnlyList<RecordedChannel> channels, TimeProvider time)
    {
        _file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 1 << 16, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead });
        _writer = new Utf8JsonWriter(_file);
        _startNs = MonotonicClock.NowNs(time);
        Line(w =>
        {
            w.WriteNumber("omnisight_recording", Version);
            w.WriteString("instance", instance);
            w.WriteNumber("started_ms", time.GetUtcNow().ToUnixTimeMilliseconds());
            w.WriteStartArray("channels");
            foreach (var channel in channels)
            {
                channel.Write(w);
            }

            w.WriteEndArray();
        });
    }

    public long Values { get; private set; }

    public void Value(string channel, in SampleInfo info, ReadOnlySpan<byte> payload)
    {
        _writer.WriteStartObject();
        _writer.WriteString("channel"u8, channel);
        _writer.WriteNumber("t_ns"u8, Math.Max(0, info.PublishedMonoNs - _startNs));
        _writer.WriteNumber("epoch"u8, info.Epoch);
        _writer.WriteNumber("sequence"u8, info.Sequence);
        _writer.WriteBase64String("payload"u8, payload);
        _writer.WriteEndObject();
        End();
        Values++;
    }

    public void Dispose()
    {
        _writer.Dispose();
        _file.Dispose();
    }

    private void Line(Action<Utf8JsonWriter> members)
    {
        _writer.WriteStartObject();
        members(_writer);
        _writer.WriteEndObject();
        End();
    }

    private void End()
    {
        _writer.Flush();
        _writer.Reset();
        _file.WriteByte((byte)'\n');
    }
}
