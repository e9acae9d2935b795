namespace Omnisight.Kernel.Plugins;

/// <summary>What became of a plugin.</summary>
public enum PluginState
{
    /// <summary>Loaded, and all its modules run.</summary>
    Active,

    /// <summary>In the directory, but not in the set of plugins to use, or switched off after crashes.</summary>
    Disabled,

    /// <summary>Built for other contracts than this host's.</summary>
    NotSupported,

    /// <summary>Its files are not those that were built or trusted.</summary>
    Untrusted,

    /// <summary>It could not be loaded, or a module of it failed and waits for its next try.</summary>
    Faulted,

    /// <summary>Its modules are being stopped.</summary>
    Stopping,
}
