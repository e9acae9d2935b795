namespace Omnisight.Messages;

/// <summary>What a track was seen to do. Other bits are legal, survive a round trip and print as <c>unknown(BIT)</c>.</summary>
[Flags]
public enum Behaviors : uint
{
    /// <summary>Nothing of note.</summary>
    None = 0,

    /// <summary>Stays where others pass.</summary>
    Loitering = 0x01,

    /// <summary>Runs.</summary>
    Running = 0x02,

    /// <summary>Hides something.</summary>
    Concealing = 0x04,

    /// <summary>Moves in a suspicious way.</summary>
    SuspiciousMovement = 0x08,

    /// <summary>Came by several times.</summary>
    RepeatedPasses = 0x10,

    /// <summary>Looks at something for long.</summary>
    ExtendedObservation = 0x20,
}
