using System.CommandLine;
using System.Text.Json;
using Omnisight.Cli.Output;
using Omnisight.Commands;

namespace Omnisight.Cli.Verbs;

/// <summary><c>omnisight send TYPE [JSON]</c></summary>
internal static class SendVerb
{
    public static CliVerb Make(VerbHost host)
    {
        var type = new Argument<string>("TYPE") { Description = "PING, HELLO, REFRESH_TIMELINES, CONFIG_UPDATE, SHUTDOWN, or a type that a plugin registers." };
        var data = new Argument<string?>("JSON") { Description = "The command's data: a JSON object.", Arity = ArgumentArity.ZeroOrOne };
        var timeout = new Option<double>("--timeout") { Description = "How long to wait for the acknowledgement.", HelpName = "SECONDS", DefaultValueFactory = _ => 2 };
        var token = new Option<string?>("--key") { Description = "An access key; default: $OMNISIGHT_KEY, else the admin key if this user may read it.", HelpName = "KEY" };
        return host.Verb("send", "Send a command to the core and print its acknowledgement.", [type, data, timeout, token], session =>
            Send(
                session,
                session.Arguments.GetRequiredValue(type),
                Parse(session.Arguments.GetValue(data)),
                Numbers.Seconds("--timeout", session.Arguments.GetValue(timeout)),
                session.Arguments.GetValue(token)));
    }

    /// <summary>Sends one command and prints what became of it.</summary>
    public static async Task<int> Send(Session session, string type, JsonElement data, TimeSpan timeout, string? token)
    {
        await using var tools = await session.OpenTools();
        var (key, source) = token is null ? FindKey(session) : (token, "--key");
        var ack = await tools.Commands.SendAsync(type, data, timeout, key, session.Stop);
        if (session.Print.IsJson)
        {
            session.Print.Json(w => Write(w, ack));
        }
        else if (ack.Success)
        {
            session.Print.Line($"success: {ack.Message}");
            if (ack.Data.ValueKind == JsonValueKind.Object)
            {
                session.Print.Line(JsonText.Indented(ack.Data));
            }
        }
        else
        {
            session.Print.Error($"{ack.Code}: {ack.Message}{Advice(session, ack.Code, source)}");
            if (ack.Data.ValueKind == JsonValueKind.Object)
            {
                session.Print.Line(JsonText.Indented(ack.Data));
            }
        }

        return ack.Success ? ExitCode.Ok : ack.Code is CommandCodes.NoCore or CommandCodes.AckTimeout ? ExitCode.NoData : ExitCode.CheckFailed;
    }

    private static string Advice(Session session, string? code, string? keySource) => code switch
    {
        CommandCodes.NoCore => $"; start one with: omnisight run --instance {session.Configuration.Instance}",
        CommandCodes.Unauthorized when keySource is not null => $"; the key came from {keySource} (omnisight keys list shows those that are good, omnisight keys add makes one, --key takes it)",
        CommandCodes.Unauthorized => "; give a key with --key or $OMNISIGHT_KEY (omnisight keys add --scopes config makes one)",
        _ => "",
    };

    private static JsonElement Parse(string? data)
    {
        if (data is null)
        {
            return default;
        }

        try
        {
            using var document = JsonDocument.Parse(data);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new CliException(ExitCode.Usage, $"the data must be a JSON object, not {data}; for example '{{\"module\":\"perception\",\"config\":{{\"confidence_threshold\":0.7}}}}'");
        }
        catch (JsonException e)
        {
            throw new CliException(ExitCode.Usage, $"the data is not JSON: {e.Message} Quote it for the shell: '{{\"key\":1}}'");
        }
    }

    /// <summary>Who may read the admin key file may use it; the key itself is never shown, where it came from is when it is refused.</summary>
    private static (string? Key, string? Source) FindKey(Session session)
    {
        if (session.Surroundings.Environment.GetValueOrDefault("OMNISIGHT_KEY") is { Length: > 0 } key)
        {
            return (key, "$OMNISIGHT_KEY");
        }

        var file = Path.Combine(session.Configuration.RuntimeDirectory, $"{session.Configuration.Instance}_admin_key");
        try
        {
            return (File.ReadAllText(file).Trim(), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, null);
        }
    }

    private static void Write(Utf8JsonWriter writer, Acknowledgement ack)
    {
        writer.WriteString("request_id", ack.RequestId);
        writer.WriteString("status", ack.Success ? "success" : "error");
        writer.WriteNumber("timestamp", ack.TimestampMs);
        writer.WriteString("message", ack.Message);
        if (ack.Code is not null)
        {
            writer.WriteString("code", ack.Code);
        }

        if (ack.Data.ValueKind == JsonValueKind.Object)
        {
            writer.WritePropertyName("data");
            ack.Data.WriteTo(writer);
        }
    }
}
