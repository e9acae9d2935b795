using System.Text.Json;

namespace Omnisight.Cli.Recording;

/// <summary>One value of a recording.</summary>
internal readonly record struct RecordedValue(string Channel, TimeSpan At, byte[] Payload);

/// <summary>Reads a recording; what is not one is refused with its line.</summary>
internal sealed class RecordingReader
{
    private readonly string _path;

    private RecordingReader(string path, IReadOnlyList<RecordedChannel> channels) => (_path, Channels) = (path, channels);

    public IReadOnlyList<RecordedChannel> Channels { get; }

    public static RecordingReader Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new CliException(ExitCode.Usage, $"there is no recording {path}; make one with: omnisight record -o {path}");
        }

        var first = File.ReadLines(path).FirstOrDefault() ?? "";
        return Parse(path, 1, first, root =>
        {
            var version = root.GetProperty("omnisight_recording").GetInt32();
            return version == RecordingWriter.Version
                ? new RecordingReader(path, [.. root.GetProperty("channels").EnumerateArray().Select(RecordedChannel.Read)])
                : throw new CliException(ExitCode.Usage, $"{path} is a recording of version {version}; this program reads version {RecordingWriter.Version}");
        });
    }

    /// <summary>The values in the order they were recorded. A last line that was cut off is left out.</summary>
    public IEnumerable<RecordedValue> Values()
    {
        var number = 1;
        string? pending = null;
        foreach (var line in File.ReadLines(_path).Skip(1))
        {
            if (pending is not null)
            {
                yield return Value(number, pending);
            }

            (pending, number) = (line, number + 1);
        }

        if (pending?.EndsWith('}') == true)
        {
            yield return Value(number, pending);
        }
    }

    private RecordedValue Value(int number, string line) => Parse(_path, number, line, root =>
    {
        var channel = RecordedChannel.Text(root, "channel");
        return Channels.Any(c => c.Name == channel)
            ? new RecordedValue(channel, TimeSpan.FromTicks(root.GetProperty("t_ns").GetInt64() / 100), root.GetProperty("payload").GetBytesFromBase64())
            : throw new FormatException($"channel '{channel}' is not one of those in the first line");
    });

    private static T Parse<T>(string path, int line, string text, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CliException(ExitCode.Usage, $"{path}:{line} is not a line of an Omnisight recording ({e.Message}); record it again, or remove the line");
        }
    }
}
