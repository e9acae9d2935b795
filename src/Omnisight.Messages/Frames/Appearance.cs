using System.Runtime.CompilerServices;

namespace Omnisight.Messages;

/// <summary>What an object looks like, for re-identification: a unit vector of 64 numbers x 127. All zero = none.</summary>
[InlineArray(Length)]
public struct Appearance
{
    /// <summary>How many numbers.</summary>
    public const int Length = 64;

    private sbyte _element0;

    /// <summary>True when there is none.</summary>
    public readonly bool IsNone => !((ReadOnlySpan<sbyte>)this).ContainsAnyExcept((sbyte)0);
}
