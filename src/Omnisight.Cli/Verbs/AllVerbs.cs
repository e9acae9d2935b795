using System.CommandLine;
using Omnisight.Cli.Bench;

namespace Omnisight.Cli.Verbs;

/// <summary>Every verb there is; a new one is one file and one line here.</summary>
internal static class AllVerbs
{
    public static IEnumerable<CliVerb> Make(VerbHost host) =>
    [
        RunVerb.Make(host),
        VerbHost.Group("config", "Check and show configuration.", ConfigCheckVerb.Make(host), ConfigShowVerb.Make(host), ConfigSchemaVerb.Make(host)),
        VerbHost.Group(
            "plugins", "See and manage plugins.",
            PluginsListVerb.Make(host), PluginsVerifyVerb.Make(host), PluginsNewVerb.Make(host), PluginsTrustVerb.Make(host), PluginsDistrustVerb.Make(host), PluginsReloadVerb.Make(host)),
        VerbHost.Group("channels", "See what is published.", ChannelsListVerb.Make(host)),
        EchoVerb.Make(host),
        HzVerb.Make(host),
        BwVerb.Make(host),
        DelayVerb.Make(host),
        SendVerb.Make(host),
        DoctorVerb.Make(host),
        KeysVerbs.Make(host),
        RecordVerb.Make(host),
        ReplayVerb.Make(host),
        EvaluateVerb.Make(host),
        BenchVerb.Make(host, CommandBenchVerb.Make(host), FanoutVerb.Make(host)),
    ];
}
