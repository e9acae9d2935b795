using System.Text.RegularExpressions;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel.Configuration;

/// <summary>Every setting there is: the kernel's own, and those in the manifests of the plugins directory.</summary>
internal static partial class ConfigSchema
{
    private const string InstancePattern = "[a-z0-9-]{1,31}";

    /// <summary>The names of the kernel's own sections; no plugin may have them as its id.</summary>
    public static IReadOnlyCollection<string> KernelNames { get; } = [.. Build([]).Names];

    /// <summary>The root section for these plugins.</summary>
    public static SchemaSection Build(IEnumerable<PluginFolder> plugins)
    {
        var root = new SchemaSection
        {
            Name = "",
            Options = Named(
                new() { Name = "Instance", Type = OptionType.String, Pattern = InstancePattern, Restart = true, Description = "The prefix of every name this node makes; nodes with different instances don't meet." },
                new() { Name = "RuntimeDirectory", Type = OptionType.String, Pattern = "/.*", Restart = true, Description = "Where FIFOs, JSON files and keys are. Default: $RUNTIME_DIRECTORY, else $XDG_RUNTIME_DIR/omnisight, else /tmp/omnisight-<uid>." },
                new() { Name = "SeedPaths", Type = OptionType.Boolean, Restart = true, Description = "Put FIFOs and JSON files at /tmp/<instance>_*, where the first readers of this protocol look for them." },
                new() { Name = "LogLevel", Type = OptionType.String, Enum = ["trace", "debug", "information", "warning", "error", "none"], Restart = true, Description = "The least serious message that is logged." }),
            Sections = new(StringComparer.Ordinal)
            {
                ["Plugins"] = Plugins(),
                ["Channels"] = new()
                {
                    Name = "Channels",
                    Description = "One section a channel.",
                    AnyName = ChannelPattern(),
                    AnySection = Channel(),
                },
                ["Commands"] = Commands(),
            },
        };
        foreach (var plugin in plugins)
        {
            _ = root.Sections.TryAdd(plugin.Id, new SchemaSection
            {
                Name = plugin.Id,
                Description = plugin.Manifest?.Description ?? "",
                Options = plugin.Manifest is { } manifest ? new(manifest.Options, StringComparer.Ordinal) : [],
                Unknown = plugin.Manifest is null,
            });
        }

        return root;
    }

    private static SchemaSection Plugins() => new()
    {
        Name = "Plugins",
        Options = Named(
            new() { Name = "Directory", Type = OptionType.String, Restart = true, Description = "The folder with one folder a plugin; relative to the file that names it." },
            new() { Name = "Use", Type = OptionType.String, Pattern = NamePattern, Restart = true, Description = "The set of plugins to run." },
            new() { Name = "RequireTrusted", Type = OptionType.Boolean, Restart = true, Description = "Load only plugins that `omnisight plugins trust` recorded and that have not changed since." }),
        Sections = new(StringComparer.Ordinal)
        {
            ["Sets"] = new()
            {
                Name = "Sets",
                Description = "Sets of plugins by name.",
                AnyName = SetPattern(),
                AnyOption = new() { Name = "*", Type = OptionType.Array, Pattern = "@?[A-Za-z0-9._-]{1,64}", Restart = true, Description = "Plugin ids, and @NAME for all of another set." },
            },
        },
    };

    private static SchemaSection Channel() => new()
    {
        Name = "*",
        Options = Named(
            new() { Name = "Transport", Type = OptionType.String, Pattern = "[a-z0-9-]{1,31}", Restart = true, Description = "The scheme of the transport that carries it: shm, fifo, jsonfile, or a plugin's own." },
            new() { Name = "Publisher", Type = OptionType.String, Pattern = "[A-Za-z0-9._-]{1,64}(/[A-Za-z0-9._-]{1,64})?", Restart = true, Description = "The plugin that publishes it, when several could: its id or alias, with /MODULE when two of its modules could." },
            new() { Name = "Message", Type = OptionType.String, Pattern = "[a-z0-9._-]{1,60}(/[0-9]+)?", Restart = true, Description = "The message it carries, for a channel that is no message's default." },
            new() { Name = "StaleAfter", Type = OptionType.Duration, Minimum = ConfigValue.Of(TimeSpan.FromMilliseconds(1)), Maximum = ConfigValue.Of(TimeSpan.FromDays(1)), Restart = true, Description = "Older than this, its last value is no longer served." },
            new() { Name = "Period", Type = OptionType.Duration, Minimum = ConfigValue.Of(TimeSpan.Zero), Maximum = ConfigValue.Of(TimeSpan.FromHours(1)), Restart = true, Description = "Expected time between values; 0 = events." },
            new() { Name = "Capacity", Type = OptionType.Integer, Minimum = ConfigValue.Of(1), Maximum = ConfigValue.Of(65536), Restart = true, Description = "How many elements a value may hold." },
            new() { Name = "Version", Type = OptionType.Integer, Minimum = ConfigValue.Of(1), Maximum = ConfigValue.Of(65535), Restart = true, Description = "The payload version to write." }),
    };

    private static SchemaSection Commands() => new()
    {
        Name = "Commands",
        Options = Named(
            new() { Name = "Serve", Type = OptionType.String, Enum = ["auto", "true", "false"], Restart = true, Description = "Whether this process answers commands (is the core); auto = when a chosen plugin offers a channel and no other process answers yet." },
            new() { Name = "Rate", Type = OptionType.Integer, Minimum = ConfigValue.Of(0), Maximum = ConfigValue.Of(1_000_000), Restart = true, Description = "Commands with effects per second; 0 = no limit." },
            new() { Name = "Group", Type = OptionType.String, Pattern = "[a-z_][a-z0-9_-]{0,31}", Restart = true, Description = "The group whose members may send commands; default: only this user." },
            new() { Name = "HandlerTimeout", Type = OptionType.Duration, Minimum = ConfigValue.Of(TimeSpan.FromMilliseconds(10)), Maximum = ConfigValue.Of(TimeSpan.FromMinutes(10)), Restart = true, Description = "How long a handler may take before `timeout` is answered." }),
    };

    private static Dictionary<string, OptionSchema> Named(params OptionSchema[] options) => options.ToDictionary(o => o.Name, StringComparer.Ordinal);

    private const string NamePattern = "[A-Za-z0-9._-]{1,64}";

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex SetPattern();

    [GeneratedRegex(@"^[a-z0-9_-]{1,31}\z")]
    private static partial Regex ChannelPattern();
}
