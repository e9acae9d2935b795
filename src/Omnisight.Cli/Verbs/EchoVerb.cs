using System.CommandLine;
using System.Text.Json;
using Omnisight.Cli.Channels;
using Omnisight.Cli.Output;
using Omnisight.Kernel;

namespace Omnisight.Cli.Verbs;

/// <summary><c>omnisight echo CHANNEL [--once --field PATH --where EXPR --timeout S]</c></summary>
internal static class EchoVerb
{
    private static readonly TimeSpan OnceTimeout = TimeSpan.FromSeconds(5);

    public static CliVerb Make(VerbHost host)
    {
        var channel = new Argument<string>("CHANNEL") { Description = "detections, tracks, timelines, stats, ... (see: channels list)" };
        var once = new Option<bool>("--once") { Description = "One value, then end." };
        var count = new Option<int?>("-n", "--count") { Description = "So many values, then end.", HelpName = "N" };
        var field = new Option<string?>("--field") { Description = "Only this part: detections[0].confidence, tracks[*].class.", HelpName = "PATH" };
        var where = new Option<string?>("--where") { Description = "Only values for which this holds: 'detections[*].class == person && frame_id > 100'.", HelpName = "EXPR" };
        var timeout = new Option<double?>("--timeout") { Description = "Exit 3 when nothing came for so long (default: 5 with --once or -n, else never).", HelpName = "SECONDS" };
        var steal = new Option<bool>("--steal") { Description = "Read a channel that only one may read, though that takes its messages from their reader." };
        return host.Verb("echo", "Print a channel's values as JSON.", [channel, once, count, field, where, timeout, steal], session =>
        {
            var args = session.Arguments;
            var limit = args.GetValue(once) ? 1 : args.GetValue(count) is { } n ? Numbers.Count("-n", n) : long.MaxValue;
            return Echo(session, args.GetRequiredValue(channel), new Wish(
                limit,
                args.GetValue(field) is { } f ? FieldPath.Parse(f) : null,
                args.GetValue(where) is { } w ? Condition.Parse(w) : null,
                args.GetValue(timeout) is { } t ? Numbers.Seconds("--timeout", t) : limit < long.MaxValue ? OnceTimeout : TimeSpan.FromDays(365),
                args.GetValue(steal)));
        });
    }

    private sealed record Wish(long Count, FieldPath? Field, Condition? Where, TimeSpan Timeout, bool Steal);

    private static async Task<int> Echo(Session session, string channel, Wish wish)
    {
        if (wish.Steal)
        {
            ChannelInput.AllowToSteal(session);
        }

        await using var tools = await session.OpenTools();
        if (!wish.Steal)
        {
            ChannelInput.RefuseToSteal(tools, channel, "reading", "; add --steal to do it all the same");
        }

        await using var reader = ChannelInput.Open(tools, channel);
        var payload = new PayloadCopy();
        var json = new PayloadJson(tools, reader);
        var time = session.Surroundings.Time;
        var last = time.GetTimestamp();
        var (skipped, outdated) = (0, TimeSpan.Zero);
        for (var shown = 0L; shown < wish.Count;)
        {
            var status = reader.Read(payload, out var info);
            if (status == ReadStatus.Fresh)
            {
                using var value = json.Convert(payload.Bytes, out var rejection);
                if (ChannelInput.IsOutdated(reader.Channel, info, time))
                {
                    // What a dead writer left: the API serves it no more either.
                    outdated = info.Age(time);
                }
                else if (value is null)
                {
                    session.Print.Error($"channel '{channel}', value {info.Sequence}: {rejection}");
                }
                else if (wish.Where?.Holds(value.RootElement) != false)
                {
                    (last, skipped, outdated) = (time.GetTimestamp(), 0, TimeSpan.Zero);
                    Show(session, reader, info, wish, value.RootElement, shown++);
                }
                else
                {
                    skipped++;
                }

                continue;
            }

            var deadline = last + (long)(wish.Timeout.TotalSeconds * time.TimestampFrequency);
            if (!await ChannelInput.Wait(reader, time, deadline, session.Stop) && time.GetTimestamp() >= deadline)
            {
                session.Print.Error(skipped > 0
                    ? $"channel '{channel}': {skipped} values within {wish.Timeout.TotalSeconds:0.#} s, and --where held for none"
                    : ChannelInput.Explain(channel, status, info, wish.Timeout) + (outdated > TimeSpan.Zero ? $" (its last value is {outdated.TotalSeconds:0.#} s old)" : ""));
                return ExitCode.NoData;
            }
        }

        return ExitCode.Ok;
    }

    private static void Show(Session session, IReader reader, SampleInfo info, Wish wish, JsonElement value, long shown)
    {
        var found = wish.Field is null ? [value] : wish.Field.Find(value).ToList();
        if (session.Print.IsJson)
        {
            session.Print.Json(w =>
            {
                w.WriteString("channel", reader.Channel.Name.Value);
                w.WriteNumber("epoch", info.Epoch);
                w.WriteNumber("sequence", info.Sequence);
                w.WriteNumber("age_ms", Math.Round(info.Age(session.Surroundings.Time).TotalMilliseconds, 3));
                w.WriteNumber("missed", info.Missed);
                w.WritePropertyName("data");
                Write(w, wish.Field, found);
            });
            return;
        }

        if (wish.Field is not null)
        {
            found.ForEach(e => session.Print.Line(e.ValueKind == JsonValueKind.String ? e.GetString()! : e.GetRawText()));
            return;
        }

        if (shown > 0)
        {
            session.Print.Line("---");
        }

        session.Print.Line(JsonText.Indented(value));
    }

    private static void Write(Utf8JsonWriter writer, FieldPath? field, List<JsonElement> found)
    {
        if (field is null || (found.Count == 1 && !field.Text.Contains('*', StringComparison.Ordinal)))
        {
            found[0].WriteTo(writer);
            return;
        }

        writer.WriteStartArray();
        found.ForEach(e => e.WriteTo(writer));
        writer.WriteEndArray();
    }
}
