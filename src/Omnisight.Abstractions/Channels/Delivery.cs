namespace Omnisight;

/// <summary>What a reader of a channel is promised.</summary>
public enum Delivery
{
    /// <summary>The newest value wins; a slow reader skips what it missed and is told how many.</summary>
    Latest,

    /// <summary>Each message once, in the order of each sender.</summary>
    Stream,
}
