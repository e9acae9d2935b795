using System.CommandLine;

namespace Omnisight.Cli.Verbs;

/// <summary><c>omnisight config check FILE</c></summary>
internal static class ConfigCheckVerb
{
    public static CliVerb Make(VerbHost host)
    {
        var file = new Argument<string?>("FILE") { Description = "The configuration file; default: that of --config, else the defaults.", Arity = ArgumentArity.ZeroOrOne };
        return host.Verb("check", "Check a configuration against the schemas of all plugins; all errors at once.", [file], session =>
        {
            var path = session.Arguments.GetValue(file);
            var configuration = session.Load(path);
            configuration.RequireChosenPlugins();
            session.Print.Line($"{configuration.File ?? "the defaults"}: ok (instance '{configuration.Instance}', set '{configuration.Use}': {string.Join(", ", configuration.ChosenPlugins)})");
            foreach (var folder in configuration.PluginFolders.Where(f => f.Problem is not null))
            {
                session.Print.Line($"note: {folder.Problem}");
            }

            if (session.Print.IsJson)
            {
                session.Print.Json(w =>
                {
                    w.WriteBoolean("ok", true);
                    w.WriteString("instance", configuration.Instance);
                    w.WriteString("use", configuration.Use);
                });
            }

            return ExitCode.Ok;
        });
    }
}
