namespace Omnisight.Kernel.Configuration;

/// <summary>Where values come from; a later one wins.</summary>
public enum ConfigLayer
{
    /// <summary>Built in, or the plugin's manifest.</summary>
    Default,

    /// <summary>The configuration file.</summary>
    File,

    /// <summary>What CONFIG_UPDATE persisted beside it.</summary>
    Local,

    /// <summary>A CONFIG_UPDATE of this run.</summary>
    Runtime,

    /// <summary>An environment variable: pins the key.</summary>
    Environment,

    /// <summary>The command line: pins the key.</summary>
    CommandLine,
}

/// <summary>The place a value comes from.</summary>
/// <param name="Layer">Its rank.</param>
/// <param name="Place">In words an operator can go to: <c>node.json:12:7</c>, <c>environment OMNISIGHT__INSTANCE</c>, <c>--set</c>.</param>
public sealed record ConfigSource(ConfigLayer Layer, string Place)
{
    /// <summary>True when a CONFIG_UPDATE can't change it.</summary>
    public bool Pins => Layer is ConfigLayer.Environment or ConfigLayer.CommandLine;

    /// <inheritdoc/>
    public override string ToString() => Place;
}
