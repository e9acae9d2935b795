namespace Omnisight.Messages;

/// <summary>What could be done about it. Other numbers are legal, survive a round trip and print as <c>unknown(N)</c>.</summary>
public enum InterventionType : uint
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Alert security.</summary>
    AlertSecurity,

    /// <summary>Speak to those present.</summary>
    ActivateSpeaker,

    /// <summary>More light.</summary>
    IncreaseLighting,

    /// <summary>Post a guard.</summary>
    PositionGuard,

    /// <summary>Lock a door.</summary>
    LockDoor,

    /// <summary>Call the police.</summary>
    NotifyPolice,

    /// <summary>Show a warning.</summary>
    DisplayWarning,
}
