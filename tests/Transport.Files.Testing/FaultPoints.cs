using System.Text.RegularExpressions;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Transport.Files.Testing;

/// <summary>Every named point at which a process can be killed has a test that kills it there.</summary>
internal static partial class FaultPoints
{
    public static void ShouldAllBeTested(string plugin)
    {
        var tests = string.Concat(Directory.EnumerateFiles(Path.Combine(TestPaths.Repository, "tests", plugin + ".Tests"), "*.cs").Select(File.ReadAllText));
        var points = Directory.EnumerateFiles(Path.Combine(TestPaths.Repository, "plugins", plugin), "*.cs")
            .SelectMany(file => Point().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value)).ToList();
        points.ShouldNotBeEmpty();
        points.ShouldAllBe(point => tests.Contains(point, StringComparison.Ordinal));
    }

    [GeneratedRegex("Fault\\.Hit\\(\"([^\"]+)\"\\)")]
    private static partial Regex Point();
}
