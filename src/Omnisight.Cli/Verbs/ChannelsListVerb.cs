using System.CommandLine;
using Omnisight.Cli.Channels;
using Omnisight.Cli.Output;

namespace Omnisight.Cli.Verbs;

/// <summary><c>omnisight channels list</c></summary>
internal static class ChannelsListVerb
{
    private static readonly Column[] Columns =
    [
        new("name"), new("type"), new("transport"), new("hz", v => ((double)v).ToString("0.0", System.Globalization.CultureInfo.InvariantCulture)),
        new("bytes", Column.Bytes), new("sequence"), new("age_ms", Column.Age, "age"), new("writer_pid"), new("state"),
    ];

    public static CliVerb Make(VerbHost host)
    {
        var quick = new Option<bool>("--quick") { Description = "Look once: no rates." };
        return host.Verb("list", "List the instance's channels with type, rate, size, age, writer and state.", [quick], session =>
            List(session, session.Arguments.GetValue(quick)));
    }

    private static async Task<int> List(Session session, bool quick)
    {
        await using var tools = await session.OpenTools();
        var survey = new ChannelSurvey(tools);
        var rows = await survey.Look(quick ? TimeSpan.Zero : ChannelSurvey.Window, session.Surroundings.Time, session.Stop);
        session.Print.Table(Columns, [.. rows.Select(r => new object?[]
        {
            r.Entry.Name, r.Entry.MessageId, r.Transport, r.Hz, Known(r.Entry.PayloadBytes), Known((long)r.Entry.Sequence), r.AgeMs,
            Known(r.Entry.WriterPid), r.Entry.State,
        })]);
        if (rows.Count == 0)
        {
            session.Print.Line($"instance '{session.Configuration.Instance}' has no channels; start a node with: omnisight run");
        }

        return ExitCode.Ok;
    }

    /// <summary>A transport that does not know a number says 0.</summary>
    private static long? Known(long number) => number == 0 ? null : number;
}
