using System.Text.Json;

namespace Omnisight.Transport.Files;

/// <summary>The members that a JSON transport puts in front of a Latest value's own.</summary>
[Flags]
internal enum EnvelopeMembers
{
    None = 0,
    Epoch = 1,
    Sequence = 2,
    MonoNs = 4,
    BootId = 8,
    Pid = 16,
    StartTicks = 32,
    PidNamespace = 64,
}

/// <summary>Their names.</summary>
internal static class EnvelopeNames
{
    /// <summary>Which envelope member the reader's property is; None = one of the value's own.</summary>
    public static EnvelopeMembers Match(ref Utf8JsonReader property) =>
        property.ValueTextEquals("epoch"u8) ? EnvelopeMembers.Epoch
        : property.ValueTextEquals("sequence"u8) ? EnvelopeMembers.Sequence
        : property.ValueTextEquals("mono_ns"u8) ? EnvelopeMembers.MonoNs
        : property.ValueTextEquals("boot_id"u8) ? EnvelopeMembers.BootId
        : property.ValueTextEquals("pid"u8) ? EnvelopeMembers.Pid
        : property.ValueTextEquals("start_ticks"u8) ? EnvelopeMembers.StartTicks
        : property.ValueTextEquals("pid_ns"u8) ? EnvelopeMembers.PidNamespace
        : EnvelopeMembers.None;

    /// <summary>Could the text hold one of them? Cheap; may say yes where they are only inside the value.</summary>
    public static bool MayOccur(ReadOnlySpan<byte> json) =>
        json.IndexOf("\"epoch\""u8) >= 0 || json.IndexOf("\"sequence\""u8) >= 0 || json.IndexOf("\"mono_ns\""u8) >= 0
        || json.IndexOf("\"boot_id\""u8) >= 0 || json.IndexOf("\"pid\""u8) >= 0 || json.IndexOf("\"start_ticks\""u8) >= 0
        || json.IndexOf("\"pid_ns\""u8) >= 0 || json.IndexOf((byte)'\\') >= 0;
}
