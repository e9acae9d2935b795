using System.CommandLine;
using Omnisight.Cli.Recording;
using Omnisight.Kernel;

namespace Omnisight.Cli.Verbs;

/// <summary><c>omnisight replay FILE [--rate R --loop]</c></summary>
internal static class ReplayVerb
{
    public static CliVerb Make(VerbHost host)
    {
        var file = new Argument<string>("FILE") { Description = "A recording of `record`." };
        var rate = new Option<double>("--rate", "-r") { Description = "Speed: 2 = twice as fast, 0 = as fast as it goes.", HelpName = "R", DefaultValueFactory = _ => 1 };
        var loop = new Option<bool>("--loop") { Description = "Begin again at the end." };
        return host.Verb("replay", "Publish a recording again, in place of the modules that made it.", [file, rate, loop], session =>
            Replay(session, session.Arguments.GetRequiredValue(file), session.Arguments.GetValue(rate), session.Arguments.GetValue(loop)));
    }

    private static async Task<int> Replay(Session session, string path, double rate, bool loop)
    {
        if (!double.IsFinite(rate) || rate < 0)
        {
            throw new CliException(ExitCode.Usage, $"--rate {rate} is not a speed; write 1, 2, 0.5 or 0");
        }

        var recording = RecordingReader.Open(path);
        _ = session.Load(set: recording.Channels.SelectMany(Settings));
        session.Configuration.PrepareRuntimeDirectory();
        await using var tools = await session.OpenTools();
        var publishers = new Dictionary<string, IPublisher>(StringComparer.Ordinal);
        try
        {
            foreach (var channel in recording.Channels)
            {
                publishers.Add(channel.Name, Open(tools, channel));
            }

            var (published, refused) = (0L, 0L);
            do
            {
                var start = session.Surroundings.Time.GetTimestamp();
                foreach (var value in recording.Values())
                {
                    await Pace(session, start, value.At, rate);
                    _ = publishers[value.Channel].Publish(value.Payload) == PublishResult.Published ? published++ : refused++;
                }
            }
            while (loop && published > 0);

            session.Print.Line($"{path}: {published} values published{(refused > 0 ? $", {refused} not taken" : "")}");
            return published > 0 && refused == 0 ? ExitCode.Ok : ExitCode.CheckFailed;
        }
        finally
        {
            foreach (var publisher in publishers.Values)
            {
                await publisher.DisposeAsync();
            }
        }
    }

    /// <summary>The message and version as recorded, so that readers are told the truth about the bytes.</summary>
    private static IEnumerable<string> Settings(RecordedChannel channel)
    {
        var id = MessageId.Parse(channel.Message);
        return [$"Channels:{channel.Name}:Message={id.Name}", $"Channels:{channel.Name}:Version={id.Version}"];
    }

    private static IPublisher Open(NodeTools tools, RecordedChannel channel)
    {
        var publisher = tools.OpenPublisher(ChannelName.Parse(channel.Name));
        return RecordedChannel.EncodingName(publisher.Encoding) == channel.Encoding
            ? publisher
            : throw new CliException(ExitCode.Usage, $"channel '{channel.Name}' was recorded as {channel.Encoding} and its transport carries {RecordedChannel.EncodingName(publisher.Encoding)}; choose a transport of that kind with --set Channels:{channel.Name}:Transport=SCHEME");
    }

    private static async Task Pace(Session session, long start, TimeSpan at, double rate)
    {
        session.Stop.ThrowIfCancellationRequested();
        if (rate > 0 && (at / rate) - session.Surroundings.Time.GetElapsedTime(start) is { } wait && wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, session.Surroundings.Time, session.Stop);
        }
    }
}
