using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Omnisight.Messages;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>docs/protocol/shm.md against the constants, the files it binds and the bytes that a writer makes.</summary>
public sealed partial class LayoutPageTests : ShmTest
{
    private static readonly string Page = File.ReadAllText(Path.Combine(TestPaths.Repository, "docs/protocol/shm.md"));

    [Fact]
    public void Every_constant_of_the_layout_is_on_the_page_with_its_value()
    {
        var constants = typeof(RegionLayout).GetFields(BindingFlags.Static | BindingFlags.Public)
            .Where(f => f.IsLiteral)
            .Select(f => $"{f.Name} = {Convert.ToInt64(f.GetRawConstantValue(), CultureInfo.InvariantCulture)}");

        var rows = ConstantRow().Matches(Page).Select(m => $"{m.Groups[2].Value} = {Value(m.Groups[1].Value)}");

        rows.ShouldBe(constants, ignoreOrder: true);
    }

    [Fact]
    public void The_files_it_names_are_those_that_hold_the_protocol()
    {
        var listed = BoundFile().Matches(Page).Select(m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal).ToArray();
        var ordered = Directory.EnumerateFiles(Path.Combine(TestPaths.Repository, "plugins/Transport.Shm"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
            .Where(f => SlotAccess().IsMatch(File.ReadAllText(f)) || Path.GetFileName(f) is "RegionLayout.cs" or "RegionHeader.cs")
            .Select(f => Path.GetRelativePath(TestPaths.Repository, f))
            .Order(StringComparer.Ordinal);

        listed.ShouldBe(ordered);
    }

    [Fact]
    public void A_region_has_the_bytes_that_the_page_describes()
    {
        var channel = Stress(bytes: 1000) with { Capacity = 7 };
        var publisher = Publisher(channel);
        publisher.Publish(new byte[123]);
        var file = File.ReadAllBytes(RegionPath);
        uint U32(int at) => BitConverter.ToUInt32(file, at);
        ulong U64(int at) => BitConverter.ToUInt64(file, at);
        string Text(int at) => System.Text.Encoding.UTF8.GetString(file, at, Array.IndexOf(file, (byte)0, at) - at);

        U32(0).ShouldBe(0x4F4D4E52u);
        BitConverter.ToUInt16(file, 4).ShouldBe((ushort)1);
        BitConverter.ToUInt16(file, 6).ShouldBe((ushort)0);
        U64(8).ShouldBe((ulong)file.Length);
        (U32(16), U32(20), U32(24), U32(28)).ShouldBe((4096u, 4u, 1088u, 1000u));
        Text(32).ShouldBe("stress");
        U64(64).ShouldBe(publisher.Epoch);
        U32(72).ShouldBe((uint)Environment.ProcessId);
        U64(80).ShouldBe(ProcessIdentity.Current.StartTicks);
        (U32(96), U32(100)).ShouldBe((100u, 7u));
        U64(104).ShouldBe(ProcessIdentity.Current.PidNamespace);
        U64(128).ShouldBe(1ul);
        (U32(192), U32(196)).ShouldBe((1u, 1u));
        U64(256).ShouldBeGreaterThan(0ul);
        Text(288).ShouldBe(MessageId);
        Text(512).ShouldBe(Instance.Directory);
        (U64(4096), U32(4104), file.Length).ShouldBe((2ul, 123u, 4096 + (4 * 1088)));
        ((int)File.GetUnixFileMode(RegionPath)).ShouldBe(Convert.ToInt32("640", 8));
        ((int)File.GetUnixFileMode($"/dev/shm/.{Instance.Name}_stress.lock")).ShouldBe(Convert.ToInt32("600", 8));
    }

    [Fact]
    public void The_default_regions_together_stay_within_the_seeds_budget()
    {
        const long budget = 268 * 1000;
        var slots = new ShmOptions().Slots;
        var formats = new IMessageFormat[] { new DetectionCodec(), new TrackCodec(), new TimelineCodec() };

        var bytes = formats.Sum(f => RegionLayout.RegionBytes(slots, Enumerable.Range(f.MinVersion, f.MaxVersion).Max(v => f.MaxBytes(v, f.DefaultChannel.Capacity, PayloadEncoding.Binary))));

        bytes.ShouldBeLessThanOrEqualTo(budget);
        Page.ShouldContain($"{bytes:N0} B", customMessage: "the page gives the sum");
    }

    private static long Value(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? long.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        : long.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\| (\d+|0x[0-9A-F]+) \|[^|]*\| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex ConstantRow();

    [GeneratedRegex(@"RegionLayout\.Slot(Sequence|PayloadBytes|PublishMonoNs)At")]
    private static partial Regex SlotAccess();

    [GeneratedRegex(@"^- `(plugins/Transport\.Shm/[\w/.]+\.cs)`", RegexOptions.Multiline)]
    private static partial Regex BoundFile();
}
