using System.Text.Json;

namespace Omnisight;

/// <summary>
/// What is known of a message without its type: for those who meet a payload they don't know at compile time (REST, echo, recorder).
/// Export it with <see cref="ExportMessageAttribute"/>. Thread-safe.
/// </summary>
public interface IMessageFormat
{
    /// <summary>The message's name, without version: <c>omnisight.detections</c>.</summary>
    string Name { get; }

    /// <summary>The oldest version it reads and writes.</summary>
    int MinVersion { get; }

    /// <summary>The newest version it reads and writes.</summary>
    int MaxVersion { get; }

    /// <summary>The .NET type of the payload.</summary>
    Type PayloadType { get; }

    /// <summary>The channel that carries this message unless configured otherwise, with its period and capacity.</summary>
    ChannelSpec DefaultChannel { get; }

    /// <summary>The largest payload in bytes, for a number of elements.</summary>
    int MaxBytes(int version, int capacity, PayloadEncoding encoding);

    /// <summary>Writes a payload as one JSON object; nothing usable is written when it is rejected.
    /// Accepted with <see cref="Rejection.Found"/> = N: N of its elements were dropped because of their values.</summary>
    Rejection PayloadToJson(ReadOnlySpan<byte> payload, PayloadEncoding encoding, Utf8JsonWriter writer);
}
