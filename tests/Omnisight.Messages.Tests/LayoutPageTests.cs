using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Omnisight.TestKit;

namespace Omnisight.Messages.Tests;

/// <summary>docs/protocol/messages.md against the structures.</summary>
public sealed partial class LayoutPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(TestPaths.Repository, "docs/protocol/messages.md"));

    public static TheoryData<Type> Structures =>
        new([typeof(DetectedObject), typeof(TrackedObject), typeof(PredictedEvent), typeof(InterventionPoint), typeof(TimelineSnapshot), typeof(VideoHeader)]);

    [Theory]
    [MemberData(nameof(Structures))]
    public void The_page_names_every_field_with_its_offset_and_size(Type structure)
    {
        var section = Regex.Match(Page, $@"### {structure.Name}, (\d+) bytes\n(.*?)(?=\n#|\nThe |\z)", RegexOptions.Singleline);
        section.Success.ShouldBeTrue($"the page has no section for {structure.Name}");
        SizeOf(structure).ShouldBe(int.Parse(section.Groups[1].Value, CultureInfo.InvariantCulture));
        var rows = Row().Matches(section.Groups[2].Value).Select(m => $"{m.Groups[3].Value} at {m.Groups[1].Value}, {m.Groups[2].Value} bytes");
        var fields = structure.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(f => (f.GetCustomAttribute<FieldOffsetAttribute>()!.Value, f))
            .OrderBy(f => f.Value)
            .Select(f => $"{f.f.Name} at {f.Value}, {SizeOf(f.f.FieldType)} bytes");
        fields.ShouldBe(rows);
    }

    [Fact]
    public void The_page_gives_the_offsets_that_frames_have()
    {
        foreach (var (name, layout) in new[] { ("DetectionFrame", DetectionCodec.Layout), ("TrackFrame", TrackCodec.Layout), ("TimelineFrame", TimelineCodec.Layout) })
        {
            var full = layout.FixedCapacity;
            Page.ShouldContain(
                $"| {name} | {layout.CountOffset} | {layout.ElementBytes} | {layout.HeaderBytes(1)} | {full} | {layout.ChecksumOffset(1, 0)} | {layout.TotalBytes(1, 0)} | {layout.HeaderBytes(2)} | {layout.TotalBytes(2, full)} |");
        }

        SizeOf(typeof(DetectedObject)).ShouldBe(DetectionCodec.Layout.ElementBytes);
        SizeOf(typeof(TrackedObject)).ShouldBe(TrackCodec.Layout.ElementBytes);
        SizeOf(typeof(TimelineSnapshot)).ShouldBe(TimelineCodec.Layout.ElementBytes);
    }

    [Fact]
    public void The_page_lists_every_source_file_that_holds_a_layout()
    {
        var listed = SourceFile().Matches(Page).Select(m => m.Value).Order(StringComparer.Ordinal);
        var root = Path.Combine(TestPaths.Repository, "src/Omnisight.Messages");
        var holding = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
            .Where(f => File.ReadAllText(f).Contains("StructLayout", StringComparison.Ordinal)
                || Path.GetFileNameWithoutExtension(f) is "FrameLayout" or "FrameBinary" or "Appearance" or "Box")
            .Select(f => Path.GetRelativePath(TestPaths.Repository, f))
            .Order(StringComparer.Ordinal);
        holding.ShouldBe(listed);
    }

    private static int SizeOf(Type type) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    [GeneratedRegex(@"^\| (\d+) \| (\d+) \| (\w+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"src/Omnisight\.Messages/\w+/\w+\.cs")]
    private static partial Regex SourceFile();
}
