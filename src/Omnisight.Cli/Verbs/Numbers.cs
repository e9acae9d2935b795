using System.Globalization;

namespace Omnisight.Cli.Verbs;

/// <summary>Numbers of the command line that a verb can work with.</summary>
internal static class Numbers
{
    /// <summary>A year: longer is a slip of the pen.</summary>
    private const double MostSeconds = 31_536_000;

    /// <summary>An option's seconds as a time.</summary>
    /// <exception cref="CliException">It is none.</exception>
    public static TimeSpan Seconds(string option, double value) => value is >= 0 and <= MostSeconds
        ? TimeSpan.FromSeconds(value)
        : throw new CliException(ExitCode.Usage, string.Create(CultureInfo.InvariantCulture, $"{option} {value} is not a time; give seconds from 0 to {MostSeconds}, for example {option} 2.5"));

    /// <summary>An option's number of values, at least one.</summary>
    /// <exception cref="CliException">It is less.</exception>
    public static long Count(string option, long value) =>
        value > 0 ? value : throw new CliException(ExitCode.Usage, $"{option} {value} is not a number of values; give 1 or more");
}
