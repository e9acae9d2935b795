using System.Composition;
using System.Text.Json;
using Omnisight;

namespace Fixtures.BadMessage;

/// <summary>A format whose code fails where nobody expects it: Fault says where.</summary>
[ExportMessage]
public sealed class BadMessage : IMessageFormat
{
    private readonly string _fault;

    [ImportingConstructor]
    public BadMessage(IPluginContext context)
    {
        _fault = context.Options<BadOptions>().Current.Fault;
        switch (_fault)
        {
            case "constructor-hangs":
                Thread.Sleep(Timeout.Infinite);
                break;
            case "constructor-timeout":
                throw new TimeoutException("the lamp did not answer");
            case "constructor-thread":
                var thread = new Thread(() => throw new InvalidOperationException("boom in a constructor's thread"));
                thread.Start();
                thread.Join();
                break;
            case "static-constructor":
                Static.Touch();
                break;
        }
    }

    public string Name => _fault switch
    {
        "name-throws" => throw new InvalidOperationException("no name today"),
        "name-null" => null!,
        "name-bad" => "Fixture Bad!",
        _ => "fixture.bad",
    };

    public int MinVersion => _fault == "versions" ? 3 : 1;

    public int MaxVersion => 1;

    public Type PayloadType => _fault == "type-null" ? null! : typeof(object);

    public ChannelSpec DefaultChannel => _fault switch
    {
        "channel-null" => null!,
        "channel-throws" => throw new InvalidOperationException("its channel can't be told"),
        "channel-taken" => new() { Name = ChannelName.Parse("fixture-count"), MessageId = "fixture.bad/1" },
        _ => new() { Name = ChannelName.Parse("fixture-bad"), MessageId = "fixture.bad/1" },
    };

    public int MaxBytes(int version, int capacity, PayloadEncoding encoding) => 1;

    public Rejection PayloadToJson(ReadOnlySpan<byte> payload, PayloadEncoding encoding, Utf8JsonWriter writer) => Rejection.None;

    private static class Static
    {
        static Static() => throw new InvalidOperationException("the table is missing");

        public static void Touch()
        {
        }
    }
}
