using System.CommandLine;
using Omnisight.Cli.Output;

namespace Omnisight.Cli;

/// <summary>What a run of the program finds around itself; tests bring their own.</summary>
internal sealed record Surroundings
{
    public required TextWriter Out { get; init; }

    public required TextWriter Errors { get; init; }

    /// <summary>Output goes to a person's terminal.</summary>
    public required bool Terminal { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Printer Printer(ParseResult arguments) => new(
        Out, Errors, arguments.GetValue(GlobalOptions.Format), Terminal,
        color: Terminal && !arguments.GetValue(GlobalOptions.NoColor) && string.IsNullOrEmpty(Environment.GetValueOrDefault("NO_COLOR")));
}
