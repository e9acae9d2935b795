using System.CommandLine;
using Omnisight.Cli.Health;
using Omnisight.Cli.Output;

namespace Omnisight.Cli.Verbs;

/// <summary><c>omnisight doctor [--clean]</c></summary>
internal static class DoctorVerb
{
    private static readonly Column[] Columns = [new("check"), new("result"), new("detail") { Wraps = true }, new("fix") { Wraps = true }];

    public static CliVerb Make(VerbHost host)
    {
        var clean = new Option<bool>("--clean") { Description = "Remove what dead processes of the instance left behind." };
        return host.Verb("doctor", "Look at everything a node needs on this machine; each failing line carries its fix.", [clean], async session =>
        {
            var checks = await new Doctor(session).Examine(session.Arguments.GetValue(clean));
            session.Print.Table(Columns, [.. checks.Select(c => new object?[] { c.Name, Name(c.Result), c.Detail, c.Fix })]);
            return checks.Any(c => c.Result == HealthResult.Failed) ? ExitCode.CheckFailed : ExitCode.Ok;
        });
    }

    private static string Name(HealthResult result) => result switch { HealthResult.Ok => "ok", HealthResult.Warning => "warning", _ => "failed" };
}
