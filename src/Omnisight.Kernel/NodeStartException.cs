namespace Omnisight.Kernel;

/// <summary>A node that can't start. The message says what failed, with the value, and what to do.</summary>
public sealed class NodeStartException : Exception
{
    /// <summary>With the program's exit code.</summary>
    public NodeStartException(int exitCode, string message, Exception? inner = null)
        : base(message, inner) => ExitCode = exitCode;

    /// <summary>The program's exit code, one of <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; }
}
