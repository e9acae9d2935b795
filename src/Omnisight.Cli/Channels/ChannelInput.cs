using System.Text.Json;
using Omnisight.Kernel;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Cli.Channels;

/// <summary>The reading end that a tool looks through.</summary>
internal static class ChannelInput
{
    /// <summary>Timers end at 49 days; who waits longer waits again.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <summary>Opens a channel by its name, or says which there are.</summary>
    public static IReader Open(NodeTools tools, string channel)
    {
        if (!ChannelName.TryParse(channel, out var name))
        {
            throw new CliException(ExitCode.Usage, $"'{channel}' is not a channel name: 1 to {ChannelName.MaxLength} characters of a-z, 0-9, '_' and '-'");
        }

        return tools.OpenReader(name) ?? throw new CliException(ExitCode.NoData,
            $"no channel '{channel}'{Suggestion.For(channel, tools.ListChannels().Select(c => c.Name))}; see: omnisight channels list");
    }

    /// <summary>A value so old that it is no longer served. A channel of events keeps its last value for ever.</summary>
    public static bool IsOutdated(ChannelSpec channel, in SampleInfo info, TimeProvider time) =>
        channel.Period > TimeSpan.Zero && channel.Delivery == Delivery.Latest && info.Age(time) > channel.StaleAfter;

    /// <summary>Tells the transports whose channels have one reader to let this tool in beside it; each has a setting for that. Before the tools are opened.</summary>
    public static void AllowToSteal(Session session)
    {
        const string Setting = "Steal";
        _ = session.Load(set: session.Configuration.PluginFolders.Where(f => f.Manifest?.Options.ContainsKey(Setting) == true).Select(f => $"{f.Id}:{Setting}=true"));
    }

    /// <summary>A reader of a channel with one reader takes the messages away from it: only on request.</summary>
    public static void RefuseToSteal(NodeTools tools, string channel, string doing, string advice = "")
    {
        if (ChannelName.TryParse(channel, out var name) && tools.TransportOf(name) is { Traits.MaxReaders: 1 })
        {
            throw new CliException(ExitCode.Unsafe, $"channel '{channel}' can have one reader only, and {doing} it here takes messages away from that reader{advice}");
        }
    }

    /// <summary>Why there is nothing to show, in words.</summary>
    public static string Explain(string channel, ReadStatus status, in SampleInfo info, TimeSpan waited) => status switch
    {
        ReadStatus.NotReady => $"channel '{channel}': nothing was published within {waited.TotalSeconds:0.#} s; is its publisher running? see: omnisight channels list",
        ReadStatus.WriterStopped => $"channel '{channel}': its publisher has stopped; start it with: omnisight run",
        ReadStatus.WriterGone => $"channel '{channel}': its publisher died; start it again with: omnisight run",
        ReadStatus.Rejected when info.Rejection.Reason == RejectReason.Unreadable => $"channel '{channel}': {info.Rejection}; give this process more (ulimit -n, memory)",
        ReadStatus.Rejected => $"channel '{channel}': {info.Rejection}; publisher and reader must have the same message and version",
        ReadStatus.Idle or ReadStatus.Unchanged or ReadStatus.Fresh => $"channel '{channel}': no new value within {waited.TotalSeconds:0.#} s, though its publisher lives",
        _ => $"channel '{channel}': no value within {waited.TotalSeconds:0.#} s ({status})",
    };

    /// <summary>Waits for something new until the deadline; false when it passed.</summary>
    public static async Task<bool> Wait(IReader reader, TimeProvider time, long deadline, CancellationToken stop)
    {
        var left = TimeSpan.FromSeconds((double)(deadline - time.GetTimestamp()) / time.TimestampFrequency);
        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(left < LongestWait ? left : LongestWait);
        try
        {
            return await reader.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The newest value of a channel as JSON, if its writer lives; waits for nothing.</summary>
    public static async Task<JsonDocument?> ReadLive(NodeTools tools, string channel)
    {
        if (!ChannelName.TryParse(channel, out var name) || tools.OpenReader(name) is not { } reader)
        {
            return null;
        }

        await using (reader)
        {
            var payload = new PayloadCopy();
            return reader.Read(payload, out _) == ReadStatus.Fresh ? new PayloadJson(tools, reader).Convert(payload.Bytes, out _) : null;
        }
    }
}
