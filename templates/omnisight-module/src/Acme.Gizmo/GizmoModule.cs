using System.Text.Json;
using Omnisight;
using Omnisight.Messages;

namespace Acme.Gizmo;

/// <summary>Follows the detections. Returning or throwing ends the module, nothing more: the kernel makes a new one after a pause.</summary>
[ExportModule("gizmo")]
public sealed class GizmoModule : IModule, ICommandHandler
{
    private int _count;

    public string Type => "GIZMO_COUNT";

    public CommandScope Scope => CommandScope.Read;

    public async Task RunAsync(IModuleContext context, CancellationToken stop)
    {
        var options = context.Options<GizmoOptions>();
        var reader = context.Reader(new DetectionCodec(), ChannelName.Parse("detections"))
            ?? throw new InvalidOperationException("no transport carries the channel 'detections'; set Channels:detections:Transport");
        context.Handle(this);
        context.Ready();
        while (await reader.WaitAsync(stop))
        {
            while (reader.Read() == ReadStatus.Fresh)
            {
                Volatile.Write(ref _count, GizmoCounter.Count(reader.Latest.Value, options.Current.MinConfidence));
                context.Report("gizmo", "count", _count);
            }
        }
    }

    public ValueTask<CommandResult> HandleAsync(Command command, CancellationToken cancellationToken)
    {
        var count = Volatile.Read(ref _count);
        return new(CommandResult.Ok($"{count} in the newest frame", JsonElement.Parse($$"""{"count":{{count}}}""")));
    }
}
