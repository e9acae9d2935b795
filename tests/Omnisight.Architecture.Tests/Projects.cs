using System.Xml.Linq;
using Omnisight.TestKit;

namespace Omnisight.Architecture.Tests;

/// <summary>The project files of the checkout and what they refer to.</summary>
internal static class Projects
{
    /// <summary>All projects below these folders, by path from the root: <c>src/Omnisight.Kernel</c>.</summary>
    public static IReadOnlyList<string> Below(params string[] folders) =>
    [
        .. folders.Select(f => Path.Combine(TestPaths.Repository, f)).Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "*.csproj", SearchOption.AllDirectories))
            .Select(f => Path.GetRelativePath(TestPaths.Repository, Path.GetDirectoryName(f)!).Replace('\\', '/'))
            .Where(p => !p.Contains("/bin/") && !p.Contains("/obj/"))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The projects that one refers to (not those it only builds), its props files included.</summary>
    public static IReadOnlyList<string> ReferencesOf(string project)
    {
        var file = FileOf(project);
        return [.. Documents(file).SelectMany(d => d.Descendants("ProjectReference")).Where(IsReference).SelectMany(r => Expand(r, file)).Distinct()];
    }

    /// <summary>The packages that one refers to.</summary>
    public static IReadOnlyList<string> PackagesOf(string project) =>
        [.. Documents(FileOf(project)).SelectMany(d => d.Descendants("PackageReference")).Select(p => (string?)p.Attribute("Include")).OfType<string>()];

    private static string FileOf(string project) => Directory.EnumerateFiles(Path.Combine(TestPaths.Repository, project), "*.csproj").Single();

    /// <summary>The project and what it imports from eng/.</summary>
    private static IEnumerable<XDocument> Documents(string file)
    {
        var project = XDocument.Load(file);
        yield return project;
        foreach (var import in project.Descendants("Import").Select(i => (string?)i.Attribute("Project")).OfType<string>().Where(i => i.EndsWith(".props", StringComparison.Ordinal)))
        {
            var path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, import));
            if (File.Exists(path))
            {
                yield return XDocument.Load(path);
            }
        }
    }

    private static bool IsReference(XElement reference) =>
        reference.Attribute("Include") is not null && (string?)reference.Attribute("ReferenceOutputAssembly") != "false";

    private static IEnumerable<string> Expand(XElement reference, string file)
    {
        var include = ((string)reference.Attribute("Include")!).Replace('\\', '/').Replace("$(RepositoryRoot)", TestPaths.Repository + "/");
        var path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, include));
        yield return Path.GetRelativePath(TestPaths.Repository, Path.GetDirectoryName(path)!).Replace('\\', '/');
    }
}
