namespace Omnisight.Kernel.Plugins;

/// <summary>A plugin folder whose <c>plugin.json</c> is missing or wrong. The message says what, where, and what to do.</summary>
public sealed class PluginManifestException : Exception
{
    /// <summary>An error with its message.</summary>
    public PluginManifestException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
