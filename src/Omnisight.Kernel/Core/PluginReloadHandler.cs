using System.Text.Json;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel.Core;

/// <summary>PLUGIN_RELOAD <c>{"plugin":ID}</c>.</summary>
internal sealed class PluginReloadHandler(PluginReload reload) : ICommandHandler
{
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
