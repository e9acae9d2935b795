using System.CommandLine;
using System.Text.RegularExpressions;
using Omnisight.Cli.Scaffolding;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Cli.Verbs;

/// <summary><c>omnisight plugins new NAME --kind transport|module|message</c></summary>
internal static partial class PluginsNewVerb
{
    public static CliVerb Make(VerbHost host)
    {
        var name = new Argument<string>("NAME") { Description = "The plugin's id, for example Acme.Lidar." };
        var kind = new Option<string>("--kind", "-k") { Description = "What it holds.", HelpName = "transport|module|message", Required = true };
        _ = kind.AcceptOnlyFromAmong("transport", "module", "message");
        var output = new Option<string?>("--output", "-o") { Description = "The folder to make; default: NAME.", HelpName = "DIR" };
        return host.Verb("new", "Make a plugin project that builds, passes its tests and runs.", [name, kind, output], session =>
        {
            var id = session.Arguments.GetRequiredValue(name);
            if (!IdPattern().IsMatch(id))
            {
                throw new CliException(ExitCode.Usage, $"'{id}' is not a plugin id of a .NET project: parts of letters and digits that begin with a capital letter, joined by dots, at most 64 characters: Acme.Lidar");
            }

            var target = Path.GetFullPath(session.Arguments.GetValue(output) ?? id);
            if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
            {
                throw new CliException(ExitCode.Usage, $"{target} is there already and not empty; choose another folder with --output DIR");
            }

            var template = Path.Combine(TemplatesDirectory.Find(AppContext.BaseDirectory), $"omnisight-{session.Arguments.GetRequiredValue(kind)}");
            var files = new TemplateCopy(id).Run(template, target);
            Check(id, Path.Combine(target, "src", id), target);
            var shown = Path.GetRelativePath(Directory.GetCurrentDirectory(), target);
            session.Print.Line($"{target}: {files} files");
            session.Print.Line("next:");
            session.Print.Line($"  dotnet run --project {Path.Combine(shown, "tests", $"{id}.Tests")}");
            session.Print.Line($"  dotnet build {Path.Combine(shown, "src", id)} -p:OmnisightPlugins={session.Configuration.PluginsDirectory}");
            session.Print.Line($"  omnisight run --set Plugins:Sets:mine=@all,{id} --profile mine");
            return ExitCode.Ok;
        });
    }

    /// <summary>A name may be one that no manifest takes: reserved, or too long for what is made of its last part.</summary>
    private static void Check(string id, string project, string target)
    {
        try
        {
            _ = PluginManifest.Read(project);
        }
        catch (PluginManifestException e)
        {
            Directory.Delete(target, recursive: true);
            throw new CliException(ExitCode.Usage, $"'{id}' can't be the name of a plugin: {e.Message.Replace(project + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)}; choose another");
        }
    }

    [GeneratedRegex(@"^(?=.{1,64}\z)[A-Z][A-Za-z0-9]*(\.[A-Z][A-Za-z0-9]*)*\z")]
    private static partial Regex IdPattern();
}
