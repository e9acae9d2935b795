using System.Text;
using System.Text.Json;
using Omnisight;
using Shouldly;
using Xunit;

namespace Acme.Gizmo.Tests;

public sealed class GizmoCodecTests
{
    private static readonly GizmoReading Reading = new() { TimestampMs = 1_700_000_000_123, Temperature = 21.5f, Humidity = 0.25f };
    private readonly GizmoCodec _codec = new();

    [Fact]
    public void A_reading_survives_the_binary_form_and_json()
    {
        var binary = new byte[_codec.MaxBytes(1, 1, PayloadEncoding.Binary)];
        _codec.Encode(Reading, 1, binary).ShouldBe(binary.Length);
        var decoded = new GizmoReading();
        _codec.Decode(binary, decoded).IsNone.ShouldBeTrue();
        decoded.ShouldBeEquivalentTo(Reading);

        var json = Json(w => _codec.WriteJson(Reading, w));
        decoded = new GizmoReading();
        _codec.ReadJson(json, decoded).IsNone.ShouldBeTrue();
        decoded.ShouldBeEquivalentTo(Reading);
        Json(w => _codec.PayloadToJson(binary, PayloadEncoding.Binary, w)).ShouldBe(json);
    }

    [Fact]
    public void No_bytes_throw()
    {
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            var bytes = new byte[random.Next(32)];
            random.NextBytes(bytes);
            _ = _codec.Decode(bytes, new GizmoReading());
            _ = _codec.ReadJson(bytes, new GizmoReading());
        }

        _codec.Decode([], new GizmoReading()).Reason.ShouldBe(RejectReason.Truncated);
        _codec.ReadJson(Encoding.UTF8.GetBytes("{}"), new GizmoReading()).Reason.ShouldBe(RejectReason.BadJson);
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            write(writer);
        }

        return stream.ToArray();
    }
}
