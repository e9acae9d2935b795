using System.Text.Json;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel.Core;

/// <summary>PLUGIN_RELOAD <c>{"plugin":ID}</c>.</summary>
internal sealed class PluginReloadHandler(PluginReload reload) : ICommandHandler
{
    /// <summary>Modules may take 5 s to stop, as much to be disposed of, and the proof a few more: what the sender wants to know comes after all of it.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(18);

    public string Type => "PLUGIN_RELOAD";

    public CommandScope Scope => CommandScope.Admin;

    public async ValueTask<CommandResult> HandleAsync(Command command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        var plugin = command.Data.ValueKind == JsonValueKind.Object && command.Data.TryGetProperty("plugin"u8, out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;
        return plugin is null
            ? CommandResult.Error("bad_value", "data must be {\"plugin\":ID}")
            : await reload.RunAsync(plugin);
    }
}
