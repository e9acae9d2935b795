namespace Omnisight.Kernel;

/// <summary>The exit codes of a node that can't start.</summary>
public static class ExitCodes
{
    /// <summary>The configuration, or how the plugins fit together, is wrong.</summary>
    public const int Configuration = 2;

    /// <summary>A channel already has the publisher (or reader) it may have.</summary>
    public const int InUse = 3;

    /// <summary>Refused for safety.</summary>
    public const int Unsafe = 4;

    /// <summary>No space.</summary>
    public const int NoSpace = 5;

    /// <summary>No permission.</summary>
    public const int Permission = 77;

    /// <summary>The code of a transport's error.</summary>
    public static int Of(TransportError error) => error switch
    {
        TransportError.InUse => InUse,
        TransportError.Unsafe => Unsafe,
        TransportError.NoSpace => NoSpace,
        TransportError.Permission => Permission,
        _ => Configuration,
    };
}
