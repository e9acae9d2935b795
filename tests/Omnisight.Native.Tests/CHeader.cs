using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Omnisight.Messages;
using Omnisight.Sdk;

namespace Omnisight.Native.Tests;

/// <summary>Writes the types of omnisight.h from the C# structures: fields, offsets, comments.</summary>
internal sealed partial class CHeader
{
    /// <summary>C# name to C name, where snake case is not what the protocol page says.</summary>
    private static readonly Dictionary<string, string> FieldNames = new(StringComparer.Ordinal)
    {
        ["Class"] = "class_id",
        ["EventCount"] = "num_events",
        ["InterventionCount"] = "num_interventions",
        ["EventSlots"] = "events",
        ["InterventionSlots"] = "interventions",
        ["InvolvedSlots"] = "involved",
    };

    private static readonly Dictionary<Type, string> TypeNames = new()
    {
        [typeof(ServerConfig)] = "IPCServerConfig",
        [typeof(ServerStatistics)] = "IPCServerStats",
        [typeof(Statistics)] = "OmnisightStats",
        [typeof(PerceptionStatistics)] = "OmnisightPerceptionStats",
        [typeof(TimelineStatistics)] = "OmnisightTimelineStats",
        [typeof(SwarmStatistics)] = "OmnisightSwarmStats",
        [typeof(ReaderConfig)] = "OmnisightReaderConfig",
        [typeof(FrameInfo)] = "OmnisightInfo",
    };

    private readonly Dictionary<string, string> _comments;

    public CHeader()
    {
        _comments = new[] { typeof(DetectedObject).Assembly, typeof(ServerConfig).Assembly, typeof(ReadStatus).Assembly }
            .Select(a => Path.ChangeExtension(a.Location, ".xml"))
            .SelectMany(f => XDocument.Load(f).Descendants("member"))
            .GroupBy(m => (string)m.Attribute("name")!)
            .ToDictionary(g => g.Key, g => Text(g.First().Element("summary")));
    }

    public string Generate(string template)
    {
        var enums = new StringBuilder();
        Enum<ObjectClass>(enums, "OMNISIGHT_CLASS_");
        Enum<Behaviors>(enums, "OMNISIGHT_BEHAVIOR_");
        Enum<EventType>(enums, "OMNISIGHT_EVENT_");
        Enum<InterventionType>(enums, "OMNISIGHT_INTERVENTION_");
        Enum<Severity>(enums, "OMNISIGHT_SEVERITY_");
        Enum<ReadStatus>(enums, "OMNISIGHT_");
        Enum<RejectReason>(enums, "OMNISIGHT_REJECT_");
        Enum<ErrorCode>(enums, "OMNISIGHT_ERROR_");
        Enum<CommandType>(enums, "IPC_CMD_", "IPCCommandType");

        var frames = new StringBuilder();
        foreach (var type in new[] { typeof(DetectedObject), typeof(TrackedObject), typeof(PredictedEvent), typeof(InterventionPoint), typeof(TimelineSnapshot), typeof(VideoHeader) })
        {
            Structure(frames, type);
        }

        Frame(frames, "DetectionFrame", DetectionCodec.Layout, "DetectedObject", "num_detections", "objects", withFrameId: true);
        Frame(frames, "TrackedObjectsFrame", TrackCodec.Layout, "TrackedObject", "num_tracks", "tracks", withFrameId: false);
        Frame(frames, "TimelinesFrame", TimelineCodec.Layout, "TimelineSnapshot", "num_timelines", "timelines", withFrameId: false);

        var api = new StringBuilder();
        foreach (var type in new[] { typeof(ServerConfig), typeof(PerceptionStatistics), typeof(TimelineStatistics), typeof(SwarmStatistics), typeof(Statistics), typeof(ServerStatistics), typeof(ReaderConfig), typeof(FrameInfo) })
        {
            Structure(api, type);
        }

        return template
            .Replace("@ENUMS@", enums.ToString().TrimEnd(), StringComparison.Ordinal)
            .Replace("@FRAMES@", frames.ToString().TrimEnd(), StringComparison.Ordinal)
            .Replace("@STRUCTS@", api.ToString().TrimEnd(), StringComparison.Ordinal)
            .Replace("@VERSION@", Exports.Version, StringComparison.Ordinal);
    }

    private static string Snake(string name) => Words().Replace(name, "_$1").ToLowerInvariant();

    private static string Text(XElement? summary) =>
        summary is null ? "" : Spaces().Replace(string.Concat(summary.DescendantNodes().Select(n => n switch
        {
            XText t => t.Value,
            XElement { Name.LocalName: "see" } e => Snake(((string)e.Attribute("cref")!).Split('.').Last()),
            _ => "",
        })), " ").Trim();

    private static int SizeOf(Type type) => type.IsPointer || type.IsFunctionPointer ? IntPtr.Size : (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    private static string Declare(FieldInfo field, string name)
    {
        var type = field.FieldType;
        return type switch
        {
            _ when type.IsFunctionPointer || type.IsUnmanagedFunctionPointer => $"IPCCommandCallback {name}",
            _ when type == typeof(byte*) => $"const char *{name}",
            _ when type == typeof(void*) => $"void *{name}",
            _ when type == typeof(uint) || type.IsEnum => $"uint32_t {name}",
            _ when type == typeof(ulong) => $"uint64_t {name}",
            _ when type == typeof(long) => $"int64_t {name}",
            _ when type == typeof(float) => $"float {name}",
            _ when type == typeof(Box) => $"float {name}[4]",
            _ when type == typeof(System.Numerics.Vector2) => $"float {name}[2]",
            _ when type == typeof(Appearance) => $"int8_t {name}[{Appearance.Length}]",
            _ when type == typeof(Text48) || type == typeof(Text176) => $"char {name}[{SizeOf(type)}]",
            _ when type == typeof(InvolvedIds) => $"uint32_t {name}[{InvolvedIds.Length}]",
            _ when type == typeof(EventSlots) => $"PredictedEvent {name}[{EventSlots.Length}]",
            _ when type == typeof(InterventionSlots) => $"InterventionPoint {name}[{InterventionSlots.Length}]",
            _ when TypeNames.TryGetValue(type, out var known) => $"{known} {name}",
            _ => throw new InvalidOperationException($"{field.DeclaringType!.Name}.{field.Name}: no C type for {type}"),
        };
    }

    private void Enum<T>(StringBuilder text, string prefix, string? typeName = null)
        where T : struct, Enum
    {
        text.Append(CultureInfo.InvariantCulture, $"/* {Comment('T', typeof(T).FullName!)} */\n").Append(typeName is null ? "enum {\n" : "typedef enum {\n");
        var unsigned = System.Enum.GetUnderlyingType(typeof(T)) == typeof(uint) && typeof(T).IsDefined(typeof(FlagsAttribute));
        foreach (var value in System.Enum.GetValues<T>())
        {
            var number = unsigned ? $"0x{Convert.ToUInt32(value, CultureInfo.InvariantCulture):X2}" : Convert.ToInt64(value, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"    {prefix}{Snake(value.ToString()).ToUpperInvariant()} = {number}, /* {Comment('F', $"{typeof(T).FullName}.{value}")} */\n");
        }

        text.Append(typeName is null ? "};\n\n" : $"}} {typeName};\n\n");
    }

    private void Structure(StringBuilder text, Type type)
    {
        var name = TypeNames.GetValueOrDefault(type, type.Name);
        var fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(f => (At: f.GetCustomAttribute<FieldOffsetAttribute>()!.Value, Field: f, Name: FieldNames.GetValueOrDefault(f.Name, Snake(f.Name))))
            .OrderBy(f => f.At).ToList();
        text.Append(CultureInfo.InvariantCulture, $"/* {Comment('T', type.FullName!)} */\ntypedef struct {name} {{\n");
        foreach (var (_, field, fieldName) in fields)
        {
            text.Append(CultureInfo.InvariantCulture, $"    {Declare(field, fieldName)}; /* {Comment('F', $"{type.FullName}.{field.Name}")} */\n");
        }

        var end = fields[^1].At + SizeOf(fields[^1].Field.FieldType);
        if (end < SizeOf(type))
        {
            text.Append(CultureInfo.InvariantCulture, $"    uint8_t reserved_end[{SizeOf(type) - end}]; /* Zero. */\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"}} {name};\nOMNISIGHT_STATIC_ASSERT(sizeof({name}) == {SizeOf(type)}, \"{name}\");\n");
        foreach (var (at, _, fieldName) in fields)
        {
            text.Append(CultureInfo.InvariantCulture, $"OMNISIGHT_STATIC_ASSERT(offsetof({name}, {fieldName}) == {at}, \"{name}.{fieldName}\");\n");
        }

        text.Append('\n');
    }

    /// <summary>The fixed frames of version 1, for programs that look at the bytes themselves.</summary>
    private static void Frame(StringBuilder text, string name, FrameLayout layout, string element, string countName, string elementsName, bool withFrameId)
    {
        var checksum = layout.ChecksumOffset(1, 0);
        text.Append(CultureInfo.InvariantCulture, $"/* A version 1 frame as a payload holds it (protocol section 1.3). */\ntypedef struct {name} {{\n    uint32_t magic;\n    uint32_t version;\n");
        text.Append(withFrameId ? "    uint64_t frame_id;\n" : "");
        text.Append(CultureInfo.InvariantCulture, $"    uint64_t timestamp_ms;\n    uint32_t {countName};\n    uint32_t image; /* width | height << 16 */\n    {element} {elementsName}[{layout.FixedCapacity}];\n    uint32_t checksum;\n    uint32_t reserved;\n}} {name};\n");
        text.Append(CultureInfo.InvariantCulture, $"OMNISIGHT_STATIC_ASSERT(sizeof({name}) == {layout.TotalBytes(1, 0)}, \"{name}\");\n");
        text.Append(CultureInfo.InvariantCulture, $"OMNISIGHT_STATIC_ASSERT(offsetof({name}, {countName}) == {layout.CountOffset}, \"{name}.{countName}\");\n");
        text.Append(CultureInfo.InvariantCulture, $"OMNISIGHT_STATIC_ASSERT(offsetof({name}, {elementsName}) == {layout.HeaderBytes(1)}, \"{name}.{elementsName}\");\n");
        text.Append(CultureInfo.InvariantCulture, $"OMNISIGHT_STATIC_ASSERT(offsetof({name}, checksum) == {checksum}, \"{name}.checksum\");\n\n");
    }

    private string Comment(char kind, string name) =>
        _comments.TryGetValue($"{kind}:{name}", out var text) && text.Length > 0 ? text : throw new InvalidOperationException($"{name} has no XML comment to put into the header");

    [GeneratedRegex("(?<=[a-z0-9])([A-Z])")]
    private static partial Regex Words();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
