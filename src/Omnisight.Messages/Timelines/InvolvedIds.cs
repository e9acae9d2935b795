using System.Runtime.CompilerServices;

namespace Omnisight.Messages;

/// <summary>The tracks that take part in an event.</summary>
[InlineArray(Length)]
public struct InvolvedIds
{
    /// <summary>How many at most.</summary>
    public const int Length = 4;

    private uint _element0;
}
