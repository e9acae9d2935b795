using Omnisight.Kernel;

namespace Omnisight.Cli.Channels;

/// <summary>Reads a channel for a while and hands over each value's place.</summary>
internal sealed class ChannelWatch(Session session, NodeTools tools, string channel) : IAsyncDisposable
{
    private readonly IReader _reader = ChannelInput.Open(tools, channel);
    private readonly PayloadCopy _payload = new();

    public ChannelCounters Counters => _reader.Counters;

    public int PayloadBytes => _payload.Bytes.Length;

    /// <summary>Watches for the given time, from the first value on; refuses when no value came in that time.</summary>
    public async Task Run(TimeSpan duration, Action<SampleInfo> value)
    {
        var time = session.Surroundings.Time;
        var start = time.GetTimestamp();
        var deadline = start + (long)(duration.TotalSeconds * time.TimestampFrequency);
        var seen = false;
        ReadStatus status;
        SampleInfo info;
        do
        {
            while ((status = _reader.Read(_payload, out info)) == ReadStatus.Fresh)
            {
                seen = true;
                value(info);
            }
        }
        while (await ChannelInput.Wait(_reader, time, deadline, session.Stop) || time.GetTimestamp() < deadline);

        if (!seen)
        {
            throw new CliException(ExitCode.NoData, ChannelInput.Explain(channel, status, info, duration));
        }
    }

    public ValueTask DisposeAsync() => _reader.DisposeAsync();
}
