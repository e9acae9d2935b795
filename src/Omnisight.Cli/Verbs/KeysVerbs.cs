using System.CommandLine;
using System.Globalization;
using Omnisight.Cli.Output;
using Omnisight.Commands;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Cli.Verbs;

/// <summary><c>omnisight keys add|list|revoke</c></summary>
internal static class KeysVerbs
{
    private static readonly Column[] Columns = [new("id"), new("scopes"), new("created"), new("expires"), new("state")];

    public static CliVerb Make(VerbHost host) => VerbHost.Group("keys", "Manage the instance's access keys.", Add(host), List(host), Revoke(host));

    private static CliVerb Add(VerbHost host)
    {
        var scopes = new Option<string>("--scopes") { Description = "What it allows: read, command, config, admin; separated by commas.", HelpName = "LIST", DefaultValueFactory = _ => "read" };
        var expires = new Option<string?>("--expires") { Description = "How long it is good for: 12h, 30d (default: until revoked).", HelpName = "DURATION" };
        return host.Verb("add", "Make a key and print it. It is shown this once.", [scopes, expires], async session =>
        {
            var lifetime = session.Arguments.GetValue(expires) is { } text ? Lifetime(text) : (TimeSpan?)null;
            var wanted = Scopes(session.Arguments.GetRequiredValue(scopes));
            var key = (await Open(session)).Add(wanted, lifetime, out var token);
            if (session.Print.IsJson)
            {
                session.Print.Json(w =>
                {
                    w.WriteString("id", key.Id);
                    w.WriteString("key", token);
                });
            }
            else
            {
                session.Print.Line(token);
            }

            return ExitCode.Ok;
        });
    }

    private static CliVerb List(VerbHost host) => host.Verb("list", "List the keys; not the tokens, which nobody keeps.", [], async session =>
    {
        var now = session.Surroundings.Time.GetUtcNow().ToUnixTimeMilliseconds();
        session.Print.Table(Columns, [.. (await Open(session)).List().Select(k => new object?[]
        {
            k.Id, k.Scopes.Select(CommandScopes.Name).ToList(), Date(k.CreatedMs), k.ExpiresMs is { } e ? Date(e) : null, k.ExpiresMs <= now ? "expired" : "valid",
        })]);
        return ExitCode.Ok;
    });

    private static CliVerb Revoke(VerbHost host)
    {
        var id = new Argument<string>("ID") { Description = "The key's id (see: keys list)." };
        return host.Verb("revoke", "Remove a key; running processes refuse it within a second.", [id], async session =>
        {
            var store = await Open(session);
            var wanted = session.Arguments.GetRequiredValue(id);
            if (!store.Revoke(wanted))
            {
                throw new CliException(ExitCode.CheckFailed, $"no key '{wanted}'{Suggestion.For(wanted, store.List().Select(k => k.Id))}");
            }

            session.Print.Line($"revoked {wanted}");
            return ExitCode.Ok;
        });
    }

    private static async Task<KeyStore> Open(Session session)
    {
        // A running node's keys are where it keeps its files, which may be another directory than this environment says.
        await using (await session.OpenTools())
        {
            session.Configuration.PrepareRuntimeDirectory();
        }

        try
        {
            return KeyStore.Open(session.Configuration.RuntimeDirectory, session.Configuration.Instance, session.Surroundings.Time);
        }
        catch (FormatException e)
        {
            throw new CliException(ExitCode.CheckFailed, $"{e.Message}; repair or remove the file");
        }
    }

    private static TimeSpan Lifetime(string text) => Durations.TryParse(text, out var span) && span > TimeSpan.Zero
        ? span
        : throw new CliException(ExitCode.Usage, $"--expires '{text}' is not a duration; write for example 12h or 30d");

    private static List<CommandScope> Scopes(string text) => [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(s => CommandScopes.TryParse(s, out var scope) ? scope : throw new CliException(ExitCode.Usage, $"no scope '{s}'{Suggestion.For(s, ["read", "command", "config", "admin"])}"))];

    private static string Date(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
