using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>The manifest's options against the options class.</summary>
public sealed class OptionsTests
{
    private static readonly JsonElement Manifest =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(TestPaths.Repository, "plugins/Transport.Shm/plugin.json"))).RootElement;

    public static TheoryData<string> Names => new(typeof(ShmOptions).GetProperties().Select(p => p.Name));

    [Fact]
    public void The_manifest_names_every_option_and_no_other() =>
        Manifest.GetProperty("options").EnumerateObject().Select(o => o.Name).ShouldBe(typeof(ShmOptions).GetProperties().Select(p => p.Name), ignoreOrder: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_manifest_says_what_the_class_says(string name)
    {
        var property = typeof(ShmOptions).GetProperty(name)!;
        var option = Manifest.GetProperty("options").GetProperty(name);

        option.GetProperty("type").GetString().ShouldBe(property.PropertyType switch
        {
            var t when t == typeof(int) => "integer",
            var t when t == typeof(bool) => "boolean",
            var t when t.IsArray => "array",
            _ => "string",
        });
        option.GetProperty("restart").GetBoolean().ShouldBe(property.GetCustomAttribute<RestartRequiredAttribute>() is not null);
        JsonSerializer.Serialize(property.GetValue(new ShmOptions())).ShouldBe(option.GetProperty("default").GetRawText());
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            (option.GetProperty("minimum").GetInt32(), option.GetProperty("maximum").GetInt32()).ShouldBe(((int)range.Minimum, (int)range.Maximum));
        }

        if (property.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed)
        {
            option.GetProperty("enum").EnumerateArray().Select(v => v.GetString()).ShouldBe(allowed.Values.Cast<string>());
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, null)]
    public async Task The_protocol_is_the_payload_version_to_write(int protocol, int? version)
    {
        using var instance = new TestInstance();
        await using var transport = new ShmTransport(new ShmContext(instance, new ShmOptions { Protocol = protocol }));

        transport.Traits.PayloadVersion.ShouldBe(version);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(64)]
    public async Task A_region_has_as_many_slots_as_configured(int slots)
    {
        using var instance = new TestInstance();
        await using var transport = new ShmTransport(new ShmContext(instance, new ShmOptions { Slots = slots }));
        var channel = new ChannelSpec { Name = ChannelName.Parse("slots"), MessageId = "slots/1", MaxPayloadBytes = 100 };
        await using var publisher = transport.OpenPublisher(channel);
        await using var reader = transport.OpenReader(channel);
        var decoder = new Omnisight.PeerProcess.StressDecoder(PayloadEncoding.Binary);
        var buffer = new byte[100];

        for (var n = 1ul; n <= 200; n++)
        {
            publisher.Publish(buffer.AsSpan(0, Omnisight.PeerProcess.StressPayload.Fill(n, buffer, 96)));
            reader.Read(decoder, out var info).ShouldBe(ReadStatus.Fresh);
            (decoder.Number, decoder.IsWhole, info.Sequence).ShouldBe((n, true, n));
        }

        RegionBytes.U32(instance.Region("slots"), RegionLayout.SlotCountAt).ShouldBe((uint)slots);
    }

    [Fact]
    public async Task Channels_can_be_mapped_one_by_one()
    {
        using var instance = new TestInstance();
        await using var transport = new ShmTransport(new ShmContext(instance, new ShmOptions { MapChannels = ["video"] }));
        ChannelSpec Named(string name) => new() { Name = ChannelName.Parse(name), MessageId = "x/1", MaxPayloadBytes = 10 };

        await using var video = transport.OpenReader(Named("video"));
        await using var other = transport.OpenReader(Named("tracks"));

        video.ShouldBeAssignableTo<ILeasingReader>();
        (other is ILeasingReader).ShouldBeFalse();
    }
}
