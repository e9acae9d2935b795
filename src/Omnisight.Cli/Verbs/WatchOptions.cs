using System.CommandLine;

namespace Omnisight.Cli.Verbs;

/// <summary>What hz, bw and delay have in common.</summary>
internal static class WatchOptions
{
    public static (Argument<string> Channel, Option<double> Duration) Make() =>
    (
        new Argument<string>("CHANNEL") { Description = "The channel (see: channels list)." },
        new Option<double>("--duration", "-d") { Description = "How long to watch.", HelpName = "SECONDS", DefaultValueFactory = _ => 5 }
    );
}
