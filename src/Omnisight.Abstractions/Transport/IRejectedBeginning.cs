namespace Omnisight;

/// <summary>A reader that keeps how a message began which was too large to be taken, so that its sender can be told.</summary>
public interface IRejectedBeginning : IReader
{
    /// <summary>
    /// The first bytes, at most 4,096, of what the last read rejected as <see cref="RejectReason.TooLarge"/>; ask only then. Valid until the next read,
    /// on the thread that reads.
    /// </summary>
    ReadOnlySpan<byte> RejectedBeginning { get; }
}
