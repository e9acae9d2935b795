namespace Omnisight.Messages;

/// <summary>What an object is. Other numbers are legal, survive a round trip and print as <c>unknown(N)</c>.</summary>
public enum ObjectClass : uint
{
    /// <summary>Not known.</summary>
    Unknown,

    /// <summary>A person.</summary>
    Person,

    /// <summary>A vehicle.</summary>
    Vehicle,

    /// <summary>A face.</summary>
    Face,

    /// <summary>A package, a bag.</summary>
    Package,

    /// <summary>An animal.</summary>
    Animal,
}
