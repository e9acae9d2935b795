namespace Omnisight.Cli.Scaffolding;

/// <summary>Where the templates are: beside the program, else in the checkout it runs from.</summary>
internal static class TemplatesDirectory
{
    public static string Find(string programDirectory)
    {
        for (var directory = new DirectoryInfo(programDirectory); directory is not null; directory = directory.Parent)
        {
            var templates = Path.Combine(directory.FullName, "templates");
            if (Directory.Exists(Path.Combine(templates, "omnisight-module")))
            {
                return templates;
            }
        }

        throw new CliException(ExitCode.CheckFailed, $"the templates are not beside {programDirectory}; install the package instead: dotnet new install Omnisight.Templates");
    }
}
