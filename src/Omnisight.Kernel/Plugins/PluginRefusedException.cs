namespace Omnisight.Kernel.Plugins;

/// <summary>A plugin that is not loaded. The message is the reason that operators see.</summary>
public sealed class PluginRefusedException : Exception
{
    /// <summary>With the state the plugin gets.</summary>
    public PluginRefusedException(PluginState state, string reason, Exception? inner = null)
        : base(reason, inner) => State = state;

    /// <summary>The state the plugin gets.</summary>
    public PluginState State { get; }
}
