namespace Omnisight.TestKit;

/// <summary>Where things are, found from the test's own folder upwards.</summary>
public static class TestPaths
{
    /// <summary>The root of the checkout.</summary>
    public static string Repository { get; } = Up(AppContext.BaseDirectory, d => File.Exists(Path.Combine(d, "Omnisight.sln")))
        ?? throw new InvalidOperationException("the tests do not run inside the checkout");

    /// <summary>The evaluation data (OMNISIGHT_TEST_DATA, else ../shared/data); null when this machine has none: skip then, saying so.</summary>
    public static string? Data { get; } = new[] { Environment.GetEnvironmentVariable("OMNISIGHT_TEST_DATA"), Path.Combine(Repository, "../shared/data") }
        .FirstOrDefault(p => p is not null && Directory.Exists(p)) is { } found ? Path.GetFullPath(found) : null;

    /// <summary>The build's configuration (Debug or Release) and target framework, as folders: <c>Debug/net10.0</c>.</summary>
    public static string Flavour { get; } = Path.Combine(
        new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, new DirectoryInfo(AppContext.BaseDirectory).Name);

    /// <summary>The built assembly of a project of this checkout: <c>Assembly("tests/Omnisight.PeerProcess")</c>.</summary>
    public static string Assembly(string project, string? name = null) =>
        Path.Combine(Repository, project, "bin", Flavour, (name ?? Path.GetFileName(project)) + ".dll");

    /// <summary>The command line program.</summary>
    public static string Cli => Assembly("src/Omnisight.Cli", "omnisight");

    /// <summary>The built first-party plugins.</summary>
    public static string Plugins => Path.Combine(Repository, "artifacts/plugins");

    private static string? Up(string directory, Func<string, bool> test)
    {
        for (var d = new DirectoryInfo(directory); d is not null; d = d.Parent)
        {
            if (test(d.FullName))
            {
                return d.FullName;
            }
        }

        return null;
    }
}
