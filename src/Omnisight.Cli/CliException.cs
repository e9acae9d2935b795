namespace Omnisight.Cli;

/// <summary>Ends a verb with a message that says what failed and what to do.</summary>
internal sealed class CliException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
