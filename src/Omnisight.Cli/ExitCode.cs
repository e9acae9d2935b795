namespace Omnisight.Cli;

/// <summary>What the program's end tells its caller.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>A check failed.</summary>
    public const int CheckFailed = 1;

    /// <summary>Usage or configuration.</summary>
    public const int Usage = 2;

    /// <summary>A tool got no data in time, or the channel already has a publisher.</summary>
    public const int NoData = 3;

    /// <summary>Refused for safety.</summary>
    public const int Unsafe = 4;

    public const int NoSpace = 5;

    public const int NoPermission = 77;

    public const int Interrupted = 130;
}
