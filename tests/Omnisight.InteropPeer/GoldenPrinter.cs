using System.Text;
using System.Text.Json;
using Omnisight.Messages;

namespace Omnisight.InteropPeer;

/// <summary>Payloads from files, as JSON.</summary>
internal static class GoldenPrinter
{
    private static readonly IMessageFormat[] Formats = [new DetectionCodec(), new TrackCodec(), new TimelineCodec(), new VideoCodec()];

    public static int Run(string message, IEnumerable<string> files)
    {
        var format = Formats.First(f => f.Name == message);
        foreach (var file in files)
        {
            using var text = new MemoryStream();
            using var json = new Utf8JsonWriter(text);
            var rejection = format.PayloadToJson(File.ReadAllBytes(file), PayloadEncoding.Binary, json);
            json.Flush();
            Console.WriteLine(rejection.IsNone ? Encoding.UTF8.GetString(text.ToArray()) : $"{{\"rejected\":\"{rejection.Label}\"}}");
        }

        return 0;
    }
}
