namespace Omnisight.Messages;

/// <summary>What is predicted to happen. Other numbers are legal, survive a round trip and print as <c>unknown(N)</c>.</summary>
public enum EventType : uint
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Loitering.</summary>
    Loitering,

    /// <summary>Theft.</summary>
    Theft,

    /// <summary>Assault.</summary>
    Assault,

    /// <summary>Vandalism.</summary>
    Vandalism,

    /// <summary>Trespassing.</summary>
    Trespassing,

    /// <summary>Suspicious behaviour.</summary>
    SuspiciousBehavior,

    /// <summary>Collision.</summary>
    Collision,

    /// <summary>Fall.</summary>
    Fall,

    /// <summary>Abandoned object.</summary>
    AbandonedObject,

    /// <summary>A crowd forms.</summary>
    CrowdFormation,
}
