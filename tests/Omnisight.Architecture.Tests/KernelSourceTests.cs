using System.Text.RegularExpressions;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Architecture.Tests;

/// <summary>A new transport, payload or API needs no edit of the kernel: its sources know none of them.</summary>
public sealed partial class KernelSourceTests
{
    private static IReadOnlyList<(string File, string Text)> Sources { get; } = Read("src/Omnisight.Kernel");

    [Fact]
    public void Kernel_sources_mention_no_web_framework() => Mentions(WebFramework()).ShouldBeEmpty();

    [Fact]
    public void Kernel_sources_mention_no_payload() => Mentions(Payload()).ShouldBeEmpty();

    [Fact]
    public void Kernel_sources_name_no_plugin_outside_of_the_built_in_defaults() =>
        Mentions(PluginName()).Where(m => !m.StartsWith("src/Omnisight.Kernel/Configuration/")).ShouldBeEmpty();

    [Fact]
    public void The_loader_library_is_known_to_one_file() =>
        Mentions(Loader()).Select(m => m.Split(':')[0]).Distinct().ShouldBe(["src/Omnisight.Kernel/Plugins/PluginAssembly.cs"]);

    [Fact]
    public void The_detectors_detect()
    {
        WebFramework().IsMatch("using Microsoft.AspNetCore.Builder;").ShouldBeTrue();
        Payload().IsMatch("new DetectionFrame()").ShouldBeTrue();
        PluginName().IsMatch("\"Transport.Shm\"").ShouldBeTrue();
        Sources.Count.ShouldBeGreaterThan(40);
    }

    private static IEnumerable<string> Mentions(Regex pattern) =>
        Sources.SelectMany(s => s.Text.Split('\n').Where(l => !l.TrimStart().StartsWith("///") && pattern.IsMatch(l)).Select(l => $"{s.File}: {l.Trim()}"));

    private static IReadOnlyList<(string File, string Text)> Read(string folder) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(TestPaths.Repository, folder), "*.cs", SearchOption.AllDirectories)
            .Select(f => (Path.GetRelativePath(TestPaths.Repository, f).Replace('\\', '/'), f))
            .Where(f => !f.Item1.Contains("/obj/") && !f.Item1.Contains("/bin/"))
            .Select(f => (f.Item1, File.ReadAllText(f.f))),
    ];

    [GeneratedRegex("AspNetCore|Kestrel|WebApplication|HttpContext")]
    private static partial Regex WebFramework();

    [GeneratedRegex(@"Omnisight\.Messages|(Detection|Track|Timeline|Video)(Frame|Codec)|DetectedObject|TrackedObject|omnisight\.(detections|tracks|timelines|video)\b")]
    private static partial Regex Payload();

    [GeneratedRegex(@"""(Transport|Perception|Api|Timeline)\.[A-Z]\w+""")]
    private static partial Regex PluginName();

    [GeneratedRegex("McMaster")]
    private static partial Regex Loader();
}
