using System.Diagnostics;
using System.Text.Json;
using Omnisight.Commands;
using Omnisight.Messages;
using Omnisight.Transport.Fifo;
using Omnisight.Transport.JsonFile;
using Omnisight.Transport.Shm;

namespace Omnisight.Sdk;

/// <summary>A server between start and stop.</summary>
internal sealed class RunningServer(string instance, string runtimeDirectory, ServerConfig config)
{
    private static readonly TimeSpan StatusPeriod = TimeSpan.FromSeconds(1);

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly SystemUsage _usage = new();
    private readonly Stack<IAsyncDisposable> _open = [];
    private volatile string _status = "starting";

    public FrameChannel<DetectionFrame, DetectedObject> Detections { get; private set; } = null!;

    public FrameChannel<TrackFrame, TrackedObject> Tracks { get; private set; } = null!;

    public FrameChannel<TimelineFrame, TimelineSnapshot> Timelines { get; private set; } = null!;

    public DocumentChannel Stats { get; private set; } = null!;

    public DocumentChannel Status { get; private set; } = null!;

    public CommandService? Commands { get; private set; }

    public ushort Width => (ushort)config.ImageWidth;

    public ushort Height => (ushort)config.ImageHeight;

    public TimeSpan Uptime => Stopwatch.GetElapsedTime(_started);

    public void Open()
    {
        var version = (int)config.Protocol;
        var shm = Keep(new ShmTransport(new NativeContext("Transport.Shm", instance, runtimeDirectory, new ShmOptions { Slots = (int)config.Slots, Protocol = version })));
        var files = Keep(new JsonFileTransport(new NativeContext("Transport.JsonFile", instance, runtimeDirectory, new JsonFileOptions { Notify = false })));
        Detections = Keep(new FrameChannel<DetectionFrame, DetectedObject>(shm, new DetectionCodec(), version, (int)config.MaxDetections));
        Tracks = Keep(new FrameChannel<TrackFrame, TrackedObject>(shm, new TrackCodec(), version, (int)config.MaxTracks));
        Timelines = Keep(new FrameChannel<TimelineFrame, TimelineSnapshot>(shm, new TimelineCodec(), version, (int)config.MaxTimelines));
        Stats = Keep(new DocumentChannel(files, new StatsCodec().DefaultChannel));
        Status = Keep(new DocumentChannel(files, new StatusCodec().DefaultChannel));
        if (config.EnableCommands != 0)
        {
            var fifo = Keep(new FifoTransport(new NativeContext("Transport.Fifo", instance, runtimeDirectory, new FifoOptions())));
            Commands = Keep(new CommandService(fifo, config, instance, runtimeDirectory, Greet));
        }

        // Readers judge the document by its age, so it is written again while nothing changes.
        _ = Keep(new Timer(_ => PublishStatus(), null, StatusPeriod, StatusPeriod));
        SetStatus("running");
    }

    /// <summary>Closes what was opened, the last first.</summary>
    public void Close()
    {
        if (Status is not null)
        {
            SetStatus("stopped");
        }

        while (_open.TryPop(out var opened))
        {
            try
            {
                opened.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
            catch (Exception e)
            {
                // One end that does not close must not keep the others open.
                _ = LastError.Set(e);
            }
        }
    }

    public PublishResult SetStatus(string status)
    {
        _status = status;
        return PublishStatus();
    }

    public PublishResult PublishStats(Statistics stats) => Stats.Publish(json =>
    {
        WriteTimestamp(json);
        json.WriteNumber("uptime_ms"u8, stats.UptimeMs != 0 ? stats.UptimeMs : (ulong)Uptime.TotalMilliseconds);
        StatisticsJson.Write(json, in stats);
        json.WriteStartObject("system"u8);
        json.WriteNumber("memory_mb"u8, Math.Round(SystemUsage.MemoryMb, 1));
        json.WriteNumber("cpu_percent"u8, Math.Round(_usage.CpuPercent(), 1));
        json.WriteNull("temperature_c"u8);
        json.WriteEndObject();
        json.WriteStartObject("ipc"u8);
        StatisticsJson.WriteChannel(json, Detections.Name, Detections.Counters, Detections.Errors);
        StatisticsJson.WriteChannel(json, Tracks.Name, Tracks.Counters, Tracks.Errors);
        StatisticsJson.WriteChannel(json, Timelines.Name, Timelines.Counters, Timelines.Errors);
        json.WriteEndObject();
    });

    public ServerStatistics Count()
    {
        ChannelCounters[] counters = [Detections.Counters, Tracks.Counters, Timelines.Counters];
        return new ServerStatistics
        {
            DetectionsPublished = (ulong)counters[0].Values,
            TracksPublished = (ulong)counters[1].Values,
            TimelinesPublished = (ulong)counters[2].Values,
            BytesPublished = (ulong)counters.Sum(c => c.Bytes),
            ObjectsTruncated = (ulong)counters.Sum(c => c.Truncated),
            PublishErrors = (ulong)(Detections.Errors + Tracks.Errors + Timelines.Errors + Stats.Errors + Status.Errors),
            CommandsReceived = (ulong)(Commands?.Counters.Received ?? 0),
            CommandsExecuted = (ulong)(Commands?.Counters.Executed ?? 0),
            CommandsRefused = (ulong)(Commands?.Counters.Rejects.Values.Sum() ?? 0),
            AcksDropped = (ulong)(Commands?.Counters.AcksDropped ?? 0),
            UptimeMs = (ulong)Uptime.TotalMilliseconds,
        };
    }

    private static void WriteTimestamp(Utf8JsonWriter json) =>
        json.WriteNumber("timestamp"u8, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());

    private PublishResult PublishStatus() => Status.Publish(json =>
    {
        WriteTimestamp(json);
        json.WriteString("status"u8, _status);
        json.WriteNumber("pid"u8, Environment.ProcessId);
        json.WriteString("version"u8, Exports.Version);
        json.WriteString("instance"u8, instance);
        if (Commands is { } commands)
        {
            json.WriteNumber("epoch"u8, commands.Epoch);
        }

        json.WriteStartObject("modules"u8);
        json.WriteString("core"u8, _status);
        json.WriteEndObject();
        json.WriteStartObject("ipc"u8);
        json.WriteString("runtime_dir"u8, runtimeDirectory);
        foreach (var name in new[] { Detections.Name, Tracks.Name, Timelines.Name })
        {
            json.WriteString(name, $"/dev/shm/{instance}_{name}");
        }

        json.WriteString("stats"u8, $"{runtimeDirectory}/{instance}_stats.json");
        json.WriteString("status"u8, $"{runtimeDirectory}/{instance}_status.json");
        if (Commands is not null)
        {
            json.WriteString("commands"u8, $"{runtimeDirectory}/{instance}_cmd");
        }

        json.WriteEndObject();
    });

    private void Greet(Utf8JsonWriter json) =>
        CoreGreeting.Write(json, Exports.Version, [Detections.Spec, Tracks.Spec, Timelines.Spec]);

    private T Keep<T>(T opened)
        where T : IAsyncDisposable
    {
        _open.Push(opened);
        return opened;
    }
}
