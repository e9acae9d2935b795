namespace Omnisight;

/// <summary>What a sender must be allowed to.</summary>
public enum CommandScope
{
    /// <summary>Look.</summary>
    Read,

    /// <summary>Ask for work that changes nothing lasting.</summary>
    Command,

    /// <summary>Change configuration.</summary>
    Config,

    /// <summary>Stop the node, reload plugins.</summary>
    Admin,
}
