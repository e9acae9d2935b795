using Omnisight.Kernel.Composition;

namespace Omnisight.Kernel.Wiring;

/// <summary>The channels on which a kernel publishes what it knows of its own process.</summary>
internal static class KernelDocuments
{
    public const string Stats = "stats", Status = "status", Plugins = "plugins", Config = "config";

    /// <summary>How the document of a process that is not the core is called: with its pid behind.</summary>
    public const string ProcessPrefix = "proc-";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OnChange = TimeSpan.Zero;

    /// <summary>The message of any process's own document; its channel carries the pid.</summary>
    public const string ProcessMessage = "omnisight.process";

    /// <summary>Used where the program brings no richer ones along.</summary>
    public static IReadOnlyList<IMessageFormat> Formats { get; } =
    [
        new DocumentFormat("omnisight.stats", Stats, Second),
        new DocumentFormat("omnisight.status", Status, Second),
        new DocumentFormat("omnisight.plugins", Plugins, OnChange),
        new DocumentFormat("omnisight.config", Config, OnChange),
        new DocumentFormat(ProcessMessage, "process", Second),
    ];

    /// <summary>Channels that only a kernel publishes.</summary>
    public static bool IsOwn(string channel) =>
        channel is Stats or Status or Plugins or Config || channel.StartsWith(ProcessPrefix, StringComparison.Ordinal)
        || channel == Commands.CommandChannels.Commands.Name.Value || channel == Commands.CommandChannels.Acks.Name.Value;

    /// <summary>The channel of a process's document.</summary>
    public static string ProcessChannel(int pid) => ProcessPrefix + pid.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
