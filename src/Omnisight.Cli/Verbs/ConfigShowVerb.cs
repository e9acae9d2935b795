using System.CommandLine;
using System.Text;
using System.Text.Json;
using Omnisight.Cli.Output;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Cli.Verbs;

/// <summary><c>omnisight config show [--effective]</c></summary>
internal static class ConfigShowVerb
{
    private static readonly Column[] Columns = [new("key"), new("value") { Wraps = true }, new("source") { Wraps = true }];

    public static CliVerb Make(VerbHost host)
    {
        var effective = new Option<bool>("--effective") { Description = "Every setting, also the defaults." };
        return host.Verb("show", "Show settings, each with its value and its source.", [effective], session =>
        {
            var configuration = session.Configuration;
            var entries = configuration.Entries.Values.Where(e => session.Arguments.GetValue(effective) || e.Source.Layer != ConfigLayer.Default);
            session.Print.Table(Columns, [.. entries.Select(e => new object?[] { e.Key, Value(session, e), e.Source.Place })]);
            return ExitCode.Ok;
        });
    }

    private static object? Value(Session session, ConfigEntry entry) => entry switch
    {
        { Option.Secret: true } => "***",
        { Value.Value: long or double or bool or string } when session.Print.IsJson => entry.Value.Value,
        { Value.Value: IReadOnlyList<ConfigValue> items } when session.Print.IsJson => items.Select(i => i.ToString()).ToList(),
        _ => entry.Value.ToString(),
    };
}

/// <summary><c>omnisight config schema</c></summary>
internal static class ConfigSchemaVerb
{
    public static CliVerb Make(VerbHost host) => host.Verb("schema", "Write the JSON schema of the configuration file, for all plugins in the directory.", [], session =>
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = !session.Print.IsJson, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            session.Configuration.WriteSchema(writer);
        }

        session.Print.Out.WriteLine(Encoding.UTF8.GetString(stream.ToArray()));
        return ExitCode.Ok;
    });
}
