namespace Omnisight.Kernel.Configuration;

/// <summary>What a node's configuration is made of. Order: defaults, file, its <c>.local.json</c>, environment, command line.</summary>
public sealed record ConfigurationSources
{
    /// <summary>The configuration file; null = the built-in defaults alone.</summary>
    public string? File { get; init; }

    /// <summary>Environment variables; those named <c>OMNISIGHT__...</c> count, and RUNTIME_DIRECTORY and XDG_RUNTIME_DIR.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary><c>KEY=VALUE</c> from the command line, keys below the root with colons: <c>Api.Rest:Urls=http://127.0.0.1:9000</c>.</summary>
    public IReadOnlyList<string> Set { get; init; } = [];

    /// <summary>--profile: the set of plugins to use.</summary>
    public string? Profile { get; init; }

    /// <summary>--instance.</summary>
    public string? Instance { get; init; }

    /// <summary>Where plugins are when nothing configures it; null = <c>plugins</c> in the working directory.</summary>
    public string? DefaultPluginsDirectory { get; init; }

    /// <summary>The process's environment.</summary>
    public static IReadOnlyDictionary<string, string> ProcessEnvironment() =>
        System.Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
}
