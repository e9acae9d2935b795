using System.CommandLine;
using Omnisight.Cli.Output;

namespace Omnisight.Cli;

/// <summary>The options that every verb has.</summary>
internal static class GlobalOptions
{
    public static readonly Option<string?> Config = new("--config", "-c") { Description = "The configuration file.", HelpName = "FILE", Recursive = true };

    public static readonly Option<string?> Instance = new("--instance", "-i") { Description = "The instance: the prefix of every name the node makes.", HelpName = "NAME", Recursive = true };

    public static readonly Option<string?> Profile = new("--profile", "-p") { Description = "The set of plugins to use (a name below Plugins:Sets); default: Plugins:Use.", HelpName = "NAME", Recursive = true };

    public static readonly Option<string[]> Set = new("--set") { Description = "A setting, for example Api.Rest:Urls=http://127.0.0.1:9000; may be repeated.", HelpName = "KEY=VALUE", Recursive = true, DefaultValueFactory = _ => [] };

    public static readonly Option<OutputFormat> Format = new("--format") { Description = "table, or json: one object a line.", HelpName = "table|json", Recursive = true, DefaultValueFactory = _ => OutputFormat.Table };

    public static readonly Option<bool> NoColor = new("--no-color") { Description = "No colours.", Recursive = true };

    public static readonly Option<bool> Verbose = new("--verbose", "-v") { Description = "Log what the tool does.", Recursive = true };

    public static void AddTo(RootCommand root)
    {
        root.Add(Config);
        root.Add(Instance);
        root.Add(Profile);
        root.Add(Set);
        root.Add(Format);
        root.Add(NoColor);
        root.Add(Verbose);
    }
}
