using System.Diagnostics.Tracing;
using System.Globalization;
using System.Reflection;

namespace Omnisight.StartupProfile;

/// <summary>What the runtime compiled since the listener was made. Thread-safe: events come from the thread that compiles.</summary>
internal sealed class CompiledMethods : EventListener
{
    private const EventKeywords JitKeyword = (EventKeywords)0x10;
    private const uint IsDynamic = 1;

    /// <summary>Static, since the base class's constructor lets events in before a listener's own fields are there.</summary>
    private static readonly HashSet<nint> Handles = [];

    /// <summary>
    /// The methods of generic types and generic methods: only of those does an assembly carry code that is not its own. Reloadable plugins use no native code at all.
    /// In an order that does not depend on when they were compiled.
    /// </summary>
    public static IReadOnlyList<MethodBase> Generics()
    {
        lock (Handles)
        {
            return
            [
                .. Handles.Select(RuntimeMethods.Of).OfType<MethodBase>()
                    .Where(m => (m.IsGenericMethod || m.DeclaringType is { IsGenericType: true }) && m.Module.Assembly is { IsDynamic: false, IsCollectible: false })
                    .OrderBy(m => $"{m.DeclaringType} {m}", StringComparer.Ordinal),
            ];
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
        {
            EnableEvents(eventSource, EventLevel.Verbose, JitKeyword);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName?.StartsWith("MethodLoadVerbose", StringComparison.Ordinal) == true && (Number("MethodFlags") & IsDynamic) == 0)
        {
            lock (Handles)
            {
                _ = Handles.Add((nint)Number("MethodID"));
            }
        }

        ulong Number(string name) => Convert.ToUInt64(eventData.Payload![eventData.PayloadNames!.IndexOf(name)], CultureInfo.InvariantCulture);
    }
}
