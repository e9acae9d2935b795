using System.Buffers;
using System.Text.Json;
using Omnisight.Messages;

namespace Omnisight.Sdk;

/// <summary>The messages that the library knows.</summary>
internal static class Formats
{
    public static IReadOnlyList<IMessageFormat> All { get; } =
        [new DetectionCodec(), new TrackCodec(), new TimelineCodec(), new VideoCodec(), new StatsCodec(), new StatusCodec(), new SwarmCodec(), new PluginsCodec(), new ConfigCodec()];

    /// <summary>By name, with or without version; null when it is not known.</summary>
    public static IMessageFormat? Find(string message)
    {
        var slash = message.IndexOf('/');
        var name = slash < 0 ? message : message[..slash];
        return All.FirstOrDefault(f => f.Name == name);
    }

    /// <summary>A payload as JSON text.</summary>
    public static Rejection ToJson(IMessageFormat format, ReadOnlySpan<byte> payload, PayloadEncoding encoding, out byte[] json)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var writer = new Utf8JsonWriter(buffer);
        var rejection = format.PayloadToJson(payload, encoding, writer);
        writer.Flush();
        json = rejection.IsNone ? buffer.WrittenSpan.ToArray() : [];
        return rejection;
    }
}
