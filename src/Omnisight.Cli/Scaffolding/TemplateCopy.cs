using System.Text.RegularExpressions;

namespace Omnisight.Cli.Scaffolding;

/// <summary>
/// Makes a project from a <c>dotnet new</c> template folder without the template engine: the same replacements that its template.json declares
/// (the full name, its last part, both in lower case), in contents and in file names.
/// </summary>
internal sealed partial class TemplateCopy(string name)
{
    private readonly string _short = name.Split('.')[^1];

    public int Run(string template, string target)
    {
        var files = 0;
        foreach (var file in Directory.EnumerateFiles(template, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
        {
            var relative = Path.GetRelativePath(template, file);
            if (relative.Split('/').Any(p => p is ".template.config" or "bin" or "obj"))
            {
                continue;
            }

            var destination = Path.Combine(target, Replace(relative));
            _ = Directory.CreateDirectory(Path.GetDirectoryName(destination)!);
            File.WriteAllText(destination, Replace(File.ReadAllText(file)));
            files++;
        }

        return files;
    }

    private string Replace(string text) => Names().Replace(text, match => match.Value switch
    {
        "Acme.Gizmo" => name,
        "acme.gizmo" => name.ToLowerInvariant(),
        "Gizmo" => _short,
        "GIZMO" => _short.ToUpperInvariant(),
        _ => _short.ToLowerInvariant(),
    });

    [GeneratedRegex("Acme\\.Gizmo|acme\\.gizmo|Gizmo|GIZMO|gizmo", RegexOptions.CultureInvariant)]
    private static partial Regex Names();
}
