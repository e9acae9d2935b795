using System.Text.Json;
using System.Text.Unicode;

namespace Omnisight.Commands;

/// <summary>
/// Reads a command line strictly (PROTOCOL section 3): one JSON object, no duplicate or unknown fields, no trailing data, at most
/// <see cref="MaxDepth"/> levels, valid UTF-8 without NUL or half surrogates. Any bytes are safe: the outcome is a
/// <see cref="ParsedCommand"/>, never an exception. What was read before the fault is kept, so that the sender can be told.
/// </summary>
public static class CommandParser
{
    /// <summary>How deep a command may nest, its own braces included.</summary>
    public const int MaxDepth = 16;

    /// <summary>The longest request_id, in characters.</summary>
    public const int MaxRequestIdLength = 128;

    /// <summary>The longest reply_to, in characters.</summary>
    public const int MaxReplyToLength = 64;

    private const int MaxTypeLength = 64, MaxTokenLength = 256;

    /// <summary>9999-12-31: beyond it a time is a mistake of units.</summary>
    private const long MaxTimestampMs = 253_402_300_799_999;

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth };
    private static readonly JsonDocumentOptions DataOptions = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    [Flags]
    private enum Fields
    {
        None = 0,
        Type = 1,
        Timestamp = 2,
        RequestId = 4,
        Data = 8,
        ReplyTo = 16,
        Token = 32,
        Epoch = 64,
    }

    /// <summary>Reads one line, without its line break.</summary>
    public static ParsedCommand Parse(ReadOnlySpan<byte> line)
    {
        var command = new ParsedCommand();
        if (line.Length > CommandChannels.MaxCommandBytes)
        {
            command.Refusal = new CommandRefusal(CommandCodes.TooLarge, $"a command has at most {CommandChannels.MaxCommandBytes} bytes");
        }
        else if (!Utf8.IsValid(line))
        {
            command.Refusal = new CommandRefusal(CommandCodes.BadJson, "not valid UTF-8");
        }
        else
        {
            try
            {
                ReadObject(line, command);
            }
            catch (JsonException e)
            {
                command.Refusal = new CommandRefusal(CommandCodes.BadJson, $"not a JSON object of at most {MaxDepth} levels, at byte {e.BytePositionInLine}");
            }
        }

        return command;
    }

    /// <summary>Who sent a line that was too long to be kept, as far as its beginning tells: request_id and reply_to.</summary>
    internal static ParsedCommand ReadBeginning(ReadOnlySpan<byte> beginning)
    {
        var command = new ParsedCommand();
        var reader = new Utf8JsonReader(beginning, isFinalBlock: false, new JsonReaderState(ReaderOptions));
        try
        {
            _ = reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var field = Field(ref reader);
                if (!reader.Read() || !reader.TrySkip())
                {
                    break;
                }

                var clean = reader.TokenType == JsonTokenType.String && Utf8.IsValid(reader.ValueSpan) && (!reader.ValueIsEscaped || EscapesAreText(reader.ValueSpan));
                if (clean && field is Fields.RequestId or Fields.ReplyTo)
                {
                    ReadValue(ref reader, beginning, field, command);
                }
            }
        }
        catch (JsonException)
        {
            // What was read before it stands.
        }

        return command;
    }

    private static void ReadObject(ReadOnlySpan<byte> line, ParsedCommand command)
    {
        var reader = new Utf8JsonReader(line, ReaderOptions);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            command.Refusal = new CommandRefusal(CommandCodes.BadJson, "a command is one JSON object");
            return;
        }

        var seen = Fields.None;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = Field(ref reader);
            if (field == Fields.None)
            {
                Refuse(command, CommandCodes.BadJson, "unknown field; a command has type, timestamp, request_id, data, reply_to, token, epoch");
            }
            else if ((seen & field) != 0)
            {
                Refuse(command, CommandCodes.BadJson, "a field appears twice");
            }

            var first = (seen & field) == 0;
            seen |= field;
            reader.Read();
            ReadValue(ref reader, line, first ? field : Fields.None, command);
        }

        // Throws on whatever follows the object.
        reader.Read();
        if ((seen & Fields.Type) == 0)
        {
            Refuse(command, CommandCodes.BadValue, "type is missing");
        }
        else if ((seen & Fields.RequestId) == 0)
        {
            Refuse(command, CommandCodes.BadValue, "request_id is missing");
        }
    }

    private static Fields Field(ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped && !EscapesAreText(reader.ValueSpan) ? Fields.None
        : reader.ValueTextEquals("type"u8) ? Fields.Type
        : reader.ValueTextEquals("timestamp"u8) ? Fields.Timestamp
        : reader.ValueTextEquals("request_id"u8) ? Fields.RequestId
        : reader.ValueTextEquals("data"u8) ? Fields.Data
        : reader.ValueTextEquals("reply_to"u8) ? Fields.ReplyTo
        : reader.ValueTextEquals("token"u8) ? Fields.Token
        : reader.ValueTextEquals("epoch"u8) ? Fields.Epoch
        : Fields.None;

    private static void ReadValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> line, Fields field, ParsedCommand command)
    {
        var start = (int)reader.TokenStartIndex;
        var kind = reader.TokenType;
        var clean = ScanValue(ref reader, command);
        switch (field)
        {
            case Fields.Type when Text(ref reader, clean, MaxTypeLength, IsTypeCharacter) is { } type:
                command.Type = type;
                return;
            case Fields.RequestId when Text(ref reader, clean, MaxRequestIdLength, static c => c >= ' ') is { } id:
                command.RequestId = id;
                return;
            case Fields.ReplyTo when kind == JsonTokenType.Null:
            case Fields.Token when kind == JsonTokenType.Null:
            case Fields.Epoch when kind == JsonTokenType.Null:
            case Fields.Data when kind == JsonTokenType.Null:
            case Fields.None:
                return;
            case Fields.ReplyTo when Text(ref reader, clean, MaxReplyToLength, IsAddressCharacter) is { } address && address[0] != '.':
                command.ReplyTo = address;
                return;
            case Fields.Token when Text(ref reader, clean, MaxTokenLength, static c => c > ' ') is { } token:
                command.Token = token;
                return;
            case Fields.Epoch when kind == JsonTokenType.Number && reader.TryGetUInt64(out var epoch):
                command.Epoch = epoch;
                return;
            case Fields.Timestamp when kind == JsonTokenType.Number && reader.TryGetDouble(out var milliseconds) && milliseconds is >= 0 and <= MaxTimestampMs:
                command.TimestampMs = (long)milliseconds;
                return;
            case Fields.Data when kind == JsonTokenType.StartObject:
                ReadData(line[start..(int)reader.BytesConsumed], command);
                return;
            default:
                Refuse(command, CommandCodes.BadValue, Expectation(field));
                return;
        }
    }

    private static void ReadData(ReadOnlySpan<byte> data, ParsedCommand command)
    {
        if (command.Refusal is not null || data.Length == ParsedCommand.EmptyObject.Length)
        {
            return;
        }

        try
        {
            command.Data = JsonElement.Parse(data, DataOptions);
            command.DataBytes = data.ToArray();
        }
        catch (JsonException)
        {
            // The syntax was walked before: what is left is a name that appears twice.
            Refuse(command, CommandCodes.BadJson, "data holds a name twice");
        }
    }

    /// <summary>Walks to the end of a value; false when a string or number in it can't be accepted.</summary>
    private static bool ScanValue(ref Utf8JsonReader reader, ParsedCommand command)
    {
        var depth = reader.CurrentDepth;
        var clean = true;
        while (true)
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped && !EscapesAreText(reader.ValueSpan))
            {
                clean = false;
                Refuse(command, CommandCodes.BadJson, "a string holds NUL or half a surrogate pair");
            }
            else if (reader.TokenType == JsonTokenType.Number && !(reader.TryGetDouble(out var number) && double.IsFinite(number)))
            {
                clean = false;
                Refuse(command, CommandCodes.BadValue, "a number is outside the range of a double");
            }

            if (reader.CurrentDepth == depth && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            {
                return clean;
            }

            reader.Read();
        }
    }

    private static string? Text(ref Utf8JsonReader reader, bool clean, int maximum, Func<char, bool> allowed)
    {
        if (!clean || reader.TokenType != JsonTokenType.String || reader.ValueSpan.Length > maximum * 6)
        {
            return null;
        }

        var text = reader.GetString()!;
        if (text.Length < 1 || text.Length > maximum)
        {
            return null;
        }

        foreach (var c in text)
        {
            if (!allowed(c))
            {
                return null;
            }
        }

        return text;
    }

    /// <summary>JSON lets an escape spell NUL and surrogates without a partner; neither is text.</summary>
    private static bool EscapesAreText(ReadOnlySpan<byte> escaped)
    {
        for (var i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != (byte)'\\')
            {
                continue;
            }

            if (escaped[++i] != (byte)'u')
            {
                continue;
            }

            var unit = HexUnit(escaped.Slice(i + 1, 4));
            i += 4;
            if (unit == 0 || char.IsLowSurrogate(unit))
            {
                return false;
            }

            if (char.IsHighSurrogate(unit))
            {
                if (i + 6 >= escaped.Length || escaped[i + 1] != (byte)'\\' || escaped[i + 2] != (byte)'u' || !char.IsLowSurrogate(HexUnit(escaped.Slice(i + 3, 4))))
                {
                    return false;
                }

                i += 6;
            }
        }

        return true;
    }

    private static char HexUnit(ReadOnlySpan<byte> digits)
    {
        var unit = 0;
        foreach (var digit in digits)
        {
            unit = (unit << 4) | Convert.ToInt32(((char)digit).ToString(), 16);
        }

        return (char)unit;
    }

    private static bool IsTypeCharacter(char c) => c is (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_' or '.';

    private static bool IsAddressCharacter(char c) => c is (>= 'A' and <= 'Z') or (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_' or '-' or '.';

    private static string Expectation(Fields field) => field switch
    {
        Fields.Type => $"type is a string of 1 to {MaxTypeLength} characters of A-Z, 0-9, '_' and '.'",
        Fields.RequestId => $"request_id is a string of 1 to {MaxRequestIdLength} characters",
        Fields.ReplyTo => $"reply_to is a name of 1 to {MaxReplyToLength} characters of A-Z, a-z, 0-9, '_', '-' and '.', never a path",
        Fields.Token => $"token is a string of 1 to {MaxTokenLength} characters",
        Fields.Epoch => "epoch is a whole number as HELLO answers it",
        Fields.Timestamp => $"timestamp is Unix epoch milliseconds, 0 to {MaxTimestampMs}",
        _ => "data is a JSON object",
    };

    /// <summary>The first fault is the one that is told.</summary>
    private static void Refuse(ParsedCommand command, string code, string message) =>
        command.Refusal ??= new CommandRefusal(code, message);
}
