using System.Text.Json;

namespace Omnisight.Kernel.Composition;

/// <summary>
/// The format of a message whose plugin can be reloaded, as others get it: those who keep it keep this, and not the plugin's code,
/// which is replaced under it at once. Thread-safe.
/// </summary>
internal sealed class ReloadableFormat(ExportedMessage message) : IMessageFormat
{
    private volatile ExportedMessage _message = message;

    public string Name => _message.Name;

    public int MinVersion => _message.Format.MinVersion;

    public int MaxVersion => _message.Format.MaxVersion;

    public Type PayloadType => _message.Format.PayloadType;

    public ChannelSpec DefaultChannel => _message.DefaultChannel;

    public void Replace(ExportedMessage message) => _message = message;

    public int MaxBytes(int version, int capacity, PayloadEncoding encoding) => _message.Format.MaxBytes(version, capacity, encoding);

    public Rejection PayloadToJson(ReadOnlySpan<byte> payload, PayloadEncoding encoding, Utf8JsonWriter writer) => _message.Format.PayloadToJson(payload, encoding, writer);
}
