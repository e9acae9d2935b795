namespace Omnisight.Cli;

/// <summary>Where plugins are when nothing configures it: beside the program, else in the build output of the checkout it runs from.</summary>
internal static class PluginsDirectory
{
    public static string Find(string programDirectory)
    {
        var beside = Path.Combine(programDirectory, "plugins");
        if (Directory.Exists(beside))
        {
            return beside;
        }

        for (var directory = new DirectoryInfo(programDirectory); directory is not null; directory = directory.Parent)
        {
            var built = Path.Combine(directory.FullName, "artifacts", "plugins");
            if (Directory.Exists(built))
            {
                return built;
            }
        }

        return beside;
    }
}
