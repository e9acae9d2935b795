using System.CommandLine;
using Omnisight.Cli.Channels;
using Omnisight.Cli.Recording;
using Omnisight.Kernel;

namespace Omnisight.Cli.Verbs;

/// <summary><c>omnisight record -o FILE [CHANNEL...]</c></summary>
internal static class RecordVerb
{
    public static CliVerb Make(VerbHost host)
    {
        var channels = new Argument<string[]>("CHANNEL") { Description = "The channels; default: every Latest channel that is published now, except the kernel's documents.", Arity = ArgumentArity.ZeroOrMore };
        var output = new Option<string>("--output", "-o") { Description = "The file to write.", HelpName = "FILE", Required = true };
        var duration = new Option<double?>("--duration", "-d") { Description = "End after so long (default: Ctrl-C).", HelpName = "SECONDS" };
        var count = new Option<long?>("-n", "--count") { Description = "End after so many values.", HelpName = "N" };
        return host.Verb("record", "Record channels into a file that `replay` publishes again.", [channels, output, duration, count], session => Record(
            session, session.Arguments.GetValue(channels) ?? [], session.Arguments.GetRequiredValue(output),
            session.Arguments.GetValue(duration) is { } seconds ? Numbers.Seconds("--duration", seconds) : Timeout.InfiniteTimeSpan, session.Arguments.GetValue(count) is { } n ? Numbers.Count("-n", n) : long.MaxValue));
    }

    private static async Task<int> Record(Session session, string[] names, string path, TimeSpan duration, long count)
    {
        await using var tools = await session.OpenTools();
        var readers = new List<IReader>();
        try
        {
            foreach (var name in names.Length > 0 ? names : Published(tools))
            {
                ChannelInput.RefuseToSteal(tools, name, "recording", "; leave it out");
                readers.Add(ChannelInput.Open(tools, name));
            }

            if (readers.Count == 0)
            {
                throw new CliException(ExitCode.NoData, $"nothing is published by instance '{session.Configuration.Instance}'; start a node with: omnisight run, or name channels to wait for");
            }

            using var writer = new RecordingWriter(path, session.Configuration.Instance, [.. readers.Select(RecordedChannel.Of)], session.Surroundings.Time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(session.Stop);
            end.CancelAfter(duration);
            using var gate = new SemaphoreSlim(1, 1);
            await Task.WhenAll(readers.Select(r => Follow(r, writer, gate, count, end)));
            session.Print.Line($"{path}: {writer.Values} values of {string.Join(", ", readers.Select(r => r.Channel.Name))}");
            return writer.Values > 0 ? ExitCode.Ok : ExitCode.NoData;
        }
        finally
        {
            foreach (var reader in readers)
            {
                await reader.DisposeAsync();
            }
        }
    }

    private static IEnumerable<string> Published(NodeTools tools) => tools.ListChannels()
        .Where(c => c.State == "live" && c.Delivery == Delivery.Latest && !c.MessageId.StartsWith("omnisight.stat", StringComparison.Ordinal)
            && c.Name is not ("plugins" or "config") && !c.Name.StartsWith("proc-", StringComparison.Ordinal))
        .Select(c => c.Name);

    private static async Task Follow(IReader reader, RecordingWriter writer, SemaphoreSlim gate, long count, CancellationTokenSource end)
    {
        var payload = new PayloadCopy();
        try
        {
            do
            {
                while (reader.Read(payload, out var info) == ReadStatus.Fresh)
                {
                    await gate.WaitAsync(end.Token);
                    try
                    {
                        writer.Value(reader.Channel.Name.Value, info, payload.Bytes);
                        if (writer.Values >= count)
                        {
                            await end.CancelAsync();
                            return;
                        }
                    }
                    finally
                    {
                        gate.Release();
                    }
                }
            }
            while (await reader.WaitAsync(end.Token));
        }
        catch (OperationCanceledException)
        {
            // The end of the recording.
        }
    }
}
