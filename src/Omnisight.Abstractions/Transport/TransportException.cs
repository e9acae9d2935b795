namespace Omnisight;

/// <summary>Why a transport can't do what was asked.</summary>
public enum TransportError
{
    /// <summary>The channel already has the publisher (or reader) that it may have. Exit code 3.</summary>
    InUse,

    /// <summary>What is there belongs to somebody else or is of another kind: refused for safety. Exit code 4.</summary>
    Unsafe,

    /// <summary>No space. Exit code 5.</summary>
    NoSpace,

    /// <summary>No permission. Exit code 77.</summary>
    Permission,

    /// <summary>This machine or this channel is not one the transport can serve. Exit code 2.</summary>
    NotSupported,
}

/// <summary>A transport can't open an end of a channel. The message says what failed, with the value, and what to do.</summary>
public sealed class TransportException : Exception
{
    /// <summary>An error with its message.</summary>
    public TransportException(TransportError error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    /// <summary>The kind of failure.</summary>
    public TransportError Error { get; }
}
