using Omnisight.Kernel.Wiring;

namespace Omnisight.Kernel.Supervision;

/// <summary>What the modules of a node share.</summary>
/// <param name="Settings">The node's.</param>
/// <param name="Channels">Its channels.</param>
/// <param name="FindFormat">The message catalogue: by message, and who asks.</param>
/// <param name="Commands">The one command client of the process.</param>
/// <param name="Register">Registers a command handler of a module that is named for it; null when this process is not the core.</param>
/// <param name="Changed">Something that documents show is another now.</param>
internal sealed record ModuleHost(
    NodeSettings Settings,
    NodeChannels Channels,
    Func<string, string?, IMessageFormat?> FindFormat,
    ICommandClient Commands,
    Func<ICommandHandler, string, IDisposable>? Register,
    Action Changed);
