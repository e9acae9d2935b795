using System.Text.Json;
using System.Text.Unicode;

namespace Omnisight.Transport.Files;

/// <summary>What a document says of itself. Members that it lacks are zero: foreign writers know nothing of them.</summary>
internal struct Envelope
{
    private const int MaxDepth = 64;

    public EnvelopeMembers Found;
    public ulong Epoch;
    public ulong Sequence;
    public long MonoNs;
    public ProcessIdentity Writer;

    /// <summary>Written during this boot, or not saying when.</summary>
    public bool ThisBoot;

    /// <summary>True when reader and writer can number values.</summary>
    public readonly bool IsSequenced => (Found & (EnvelopeMembers.Epoch | EnvelopeMembers.Sequence)) == (EnvelopeMembers.Epoch | EnvelopeMembers.Sequence) && Sequence > 0;

    /// <summary>Reads a whole document strictly: UTF-8, one object, nothing after it, an envelope member at most once. False when it is not that.</summary>
    public static bool TryRead(ReadOnlySpan<byte> document, out Envelope envelope)
    {
        envelope = new Envelope { ThisBoot = true };
        if (!Utf8.IsValid(document))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(document, new JsonReaderOptions { MaxDepth = MaxDepth });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var member = EnvelopeNames.Match(ref reader);
                _ = reader.Read();
                if (member != EnvelopeMembers.None && !envelope.Take(member, ref reader))
                {
                    return false;
                }

                reader.Skip();
            }

            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private bool Take(EnvelopeMembers member, ref Utf8JsonReader value)
    {
        if ((Found & member) != 0)
        {
            return false;
        }

        // A value may use one of the names for something else of its own: then it is simply not the envelope's.
        ulong number = 0;
        if (member == EnvelopeMembers.BootId)
        {
            if (value.TokenType != JsonTokenType.String)
            {
                return true;
            }

            ThisBoot = value.ValueTextEquals(ProcessIdentity.BootId);
        }
        else if (value.TokenType != JsonTokenType.Number || !value.TryGetUInt64(out number))
        {
            return true;
        }

        Found |= member;
        switch (member)
        {
            case EnvelopeMembers.Epoch:
                Epoch = number;
                break;
            case EnvelopeMembers.Sequence:
                Sequence = number;
                break;
            case EnvelopeMembers.MonoNs:
                MonoNs = (long)Math.Min(number, long.MaxValue);
                break;
            case EnvelopeMembers.Pid:
                Writer = Writer with { Pid = (int)Math.Min(number, int.MaxValue) };
                break;
            case EnvelopeMembers.StartTicks:
                Writer = Writer with { StartTicks = number };
                break;
            case EnvelopeMembers.PidNamespace:
                Writer = Writer with { PidNamespace = number };
                break;
            default:
                break;
        }

        return true;
    }
}
