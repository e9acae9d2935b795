using System.Text.RegularExpressions;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Architecture.Tests;

/// <summary>What compiles but must not be there.</summary>
public sealed partial class BannedPatternTests
{
    private static readonly string[] Product = ["src", "plugins"];

    [Fact]
    public void Async_void_is_nowhere_because_nobody_can_catch_what_it_throws() => Lines(AsyncVoid()).ShouldBeEmpty();

    [Fact]
    public void Work_is_finished_not_marked_for_later() => Lines(Marker()).ShouldBeEmpty();

    [Fact]
    public void The_detectors_detect()
    {
        AsyncVoid().IsMatch("private async void OnTick() {").ShouldBeTrue();
        Marker().IsMatch("// " + "TO" + "DO later").ShouldBeTrue();
    }

    private static IEnumerable<string> Lines(Regex pattern) => Product
        .SelectMany(f => Directory.EnumerateFiles(Path.Combine(TestPaths.Repository, f), "*.cs", SearchOption.AllDirectories))
        .Where(f => !f.Contains("/obj/") && !f.Contains("/bin/"))
        .SelectMany(f => File.ReadLines(f).Where(l => pattern.IsMatch(l)).Select(l => $"{f}: {l.Trim()}"));

    [GeneratedRegex(@"\basync\s+void\s+\w+\s*\(")]
    private static partial Regex AsyncVoid();

    [GeneratedRegex(@"\b(TO[D]O|FIX[M]E|HAC[K])\b")]
    private static partial Regex Marker();
}
