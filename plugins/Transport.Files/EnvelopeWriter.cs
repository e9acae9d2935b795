using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Omnisight.Transport.Files;

/// <summary>
/// Puts epoch, sequence, time, boot and process in front of a value's own members, on one line. A member that the value has
/// itself is left out of the envelope: the value's own counts. Reuses its buffer.
/// </summary>
internal sealed class EnvelopeWriter
{
    /// <summary>More than the envelope ever takes: seven names, five numbers of 20 digits, a boot id.</summary>
    public const int MaxBytes = 256;

    private readonly byte[] _epoch;
    private readonly byte[] _identity;
    private byte[] _buffer = new byte[4096];

    public EnvelopeWriter(ulong epoch)
    {
        var self = ProcessIdentity.Self;
        Epoch = epoch;
        _epoch = Encoding.ASCII.GetBytes(Format($"{{\"epoch\":{epoch},\"sequence\":"));
        _identity = Encoding.ASCII.GetBytes(Format($",\"boot_id\":\"{ProcessIdentity.BootId}\",\"pid\":{self.Pid},\"start_ticks\":{self.StartTicks},\"pid_ns\":{self.PidNamespace}"));
    }

    public ulong Epoch { get; }

    /// <summary>Random, not zero, and exact as a JSON number in every language.</summary>
    public static ulong NewEpoch() => (ulong)System.Security.Cryptography.RandomNumberGenerator.GetInt32(1, int.MaxValue) << 21
        | (uint)System.Security.Cryptography.RandomNumberGenerator.GetInt32(1 << 21);

    /// <summary>The value with its envelope and a final line break. Valid until the next call.</summary>
    /// <exception cref="ArgumentException">The payload is not a JSON object.</exception>
    public ReadOnlySpan<byte> Write(ReadOnlySpan<byte> payload, ulong sequence, long monoNs)
    {
        payload = payload.Trim(" \t\r\n"u8);
        if (payload.Length < 2 || payload[0] != (byte)'{' || payload[^1] != (byte)'}')
        {
            throw new ArgumentException("a JSON transport's payload is one JSON object: this one does not begin with '{' and end with '}'", nameof(payload));
        }

        if (_buffer.Length < payload.Length + MaxBytes)
        {
            _buffer = new byte[(payload.Length + MaxBytes) * 2];
        }

        var own = EnvelopeNames.MayOccur(payload) ? OwnMembers(payload) : EnvelopeMembers.None;
        var length = own == EnvelopeMembers.None ? WriteWhole(sequence, monoNs) : WriteWithout(own, sequence, monoNs);
        var members = payload[1..].TrimStart(" \t\r\n"u8);
        if (members[0] != (byte)'}' && length > 1)
        {
            _buffer[length++] = (byte)',';
        }

        members.CopyTo(_buffer.AsSpan(length));
        // Inside a JSON text a raw line break can only be white space between tokens.
        Flatten(_buffer.AsSpan(length, members.Length));
        length += members.Length;
        _buffer[length++] = (byte)'\n';
        return _buffer.AsSpan(0, length);
    }

    /// <summary>Turns line breaks into spaces.</summary>
    public static void Flatten(Span<byte> json)
    {
        if (json.IndexOfAny((byte)'\n', (byte)'\r') >= 0)
        {
            json.Replace((byte)'\n', (byte)' ');
            json.Replace((byte)'\r', (byte)' ');
        }
    }

    private static EnvelopeMembers OwnMembers(ReadOnlySpan<byte> payload)
    {
        var own = EnvelopeMembers.None;
        var reader = new Utf8JsonReader(payload);
        try
        {
            _ = reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                own |= EnvelopeNames.Match(ref reader);
                _ = reader.Read();
                reader.Skip();
            }

            return own;
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"a JSON transport's payload is one JSON object: {e.Message}", nameof(payload), e);
        }
    }

    private int WriteWhole(ulong sequence, long monoNs)
    {
        _epoch.CopyTo(_buffer, 0);
        var length = Append(_epoch.Length, sequence);
        length = Append(length, ",\"mono_ns\":"u8);
        length = Append(length, (ulong)monoNs);
        return Append(length, _identity);
    }

    private int WriteWithout(EnvelopeMembers own, ulong sequence, long monoNs)
    {
        _buffer[0] = (byte)'{';
        var length = 1;
        length = Member(length, own, EnvelopeMembers.Epoch, "\"epoch\":"u8, Epoch);
        length = Member(length, own, EnvelopeMembers.Sequence, "\"sequence\":"u8, sequence);
        length = Member(length, own, EnvelopeMembers.MonoNs, "\"mono_ns\":"u8, (ulong)monoNs);
        if ((own & EnvelopeMembers.BootId) == 0)
        {
            length = Separate(length);
            length = Append(length, "\"boot_id\":\""u8);
            length += Encoding.ASCII.GetBytes(ProcessIdentity.BootId, _buffer.AsSpan(length));
            _buffer[length++] = (byte)'"';
        }

        length = Member(length, own, EnvelopeMembers.Pid, "\"pid\":"u8, (ulong)ProcessIdentity.Self.Pid);
        length = Member(length, own, EnvelopeMembers.StartTicks, "\"start_ticks\":"u8, ProcessIdentity.Self.StartTicks);
        return Member(length, own, EnvelopeMembers.PidNamespace, "\"pid_ns\":"u8, ProcessIdentity.Self.PidNamespace);
    }

    private int Member(int length, EnvelopeMembers own, EnvelopeMembers member, ReadOnlySpan<byte> name, ulong value) =>
        (own & member) != 0 ? length : Append(Append(Separate(length), name), value);

    private int Separate(int length)
    {
        if (length > 1)
        {
            _buffer[length++] = (byte)',';
        }

        return length;
    }

    private int Append(int length, ReadOnlySpan<byte> text)
    {
        text.CopyTo(_buffer.AsSpan(length));
        return length + text.Length;
    }

    private int Append(int length, ulong number)
    {
        _ = Utf8Formatter.TryFormat(number, _buffer.AsSpan(length), out var written);
        return length + written;
    }

    private static string Format(FormattableString text) => FormattableString.Invariant(text);
}
