using System.Runtime.InteropServices;
using Omnisight.Commands;
using Omnisight.Messages;

namespace Omnisight.Sdk;

/// <summary>The seed's API: ipc_server_*. Each function says success with true; omnisight_last_error() tells the rest.</summary>
internal static unsafe partial class Exports
{
    private const int MaxElements = 1_000_000;
    private static readonly HandleTable<Server> Servers = new();
    private static readonly string[] Statuses = ["starting", "running", "degraded", "stopping", "stopped", "error"];

    /// <summary>For programs that find it by name; those that compile with omnisight.h say how large their structure is.</summary>
    [UnmanagedCallersOnly(EntryPoint = "ipc_server_get_default_config")]
    public static void GetDefaultConfig(ServerConfig* config) => Default(config, (uint)sizeof(ServerConfig));

    [UnmanagedCallersOnly(EntryPoint = "ipc_server_get_default_config_sized")]
    public static void GetDefaultConfigSized(ServerConfig* config, uint size) => Default(config, size);

    [UnmanagedCallersOnly(EntryPoint = "ipc_server_init")]
    public static nint Init(ServerConfig* config)
    {
        if (ForkGuard.IsForked)
        {
            return 0;
        }

        try
        {
            if (config is null || config->StructSize != sizeof(ServerConfig))
            {
                _ = LastError.Set(ErrorCode.BadArgument, config is null
                    ? "config is NULL: fill one with ipc_server_get_default_config()"
                    : $"config.struct_size is {config->StructSize}, not {sizeof(ServerConfig)}: fill it with ipc_server_get_default_config() and build with this library's omnisight.h");
                return 0;
            }

            return Servers.Add(new Server(in *config));
        }
        catch (Exception e)
        {
            _ = LastError.Set(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "ipc_server_start")]
    public static byte Start(nint handle)
    {
        if (Find(handle) is not { } server)
        {
            return 0;
        }

        using var block = SigpipeBlock.Enter();
        try
        {
            server.Start();
            return 1;
        }
        catch (Exception e)
        {
            _ = LastError.Set(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "ipc_server_publish_detections")]
    public static byte PublishDetections(nint handle, DetectedObject* objects, uint count) =>
        Started(handle, objects, count) is { } running ? Publish(running, objects, (int)count, null, NowMs()) : (byte)0;

    [UnmanagedCallersOnly(EntryPoint = "ipc_server_publish_detections_at")]
    public static byte PublishDetectionsAt(nint handle, DetectedObject* objects, uint count, ulong frameId, ulong timestampMs) =>
        Started(handle, objects, count) is { } running ? Publish(running, objects, (int)count, frameId, timestampMs) : (byte)0;

    [UnmanagedCallersOnly(EntryPoint = "ipc_server_publish_tracks")]
    public static byte PublishTracks(nint handle, TrackedObject* tracks, uint count) =>
        Started(handle, tracks, count) is { } running ? Publish(running, running.Tracks, tracks, (int)count, NowMs()) : (byte)0;

    [UnmanagedCallersOnly(EntryPoint = "ipc_server_publish_tracks_at")]
    public static byte PublishTracksAt(nint handle, TrackedObject* tracks, uint count, ulong timestampMs) =>
        Started(handle, tracks, count) is { } running ? Publish(running, running.Tracks, tracks, (int)count, timestampMs) : (byte)0;

    [UnmanagedCallersOnly(EntryPoint = "ipc_server_publish_timelines")]
    public static byte PublishTimelines(nint handle, TimelineSnapshot* timelines, uint count) =>
        Started(handle, timelines, count) is { } running ? Publish(running, running.Timelines, timelines, (int)count, NowMs()) : (byte)0;

    [UnmanagedCallersOnly(EntryPoint = "ipc_server_publish_timelines_at")]
    public static byte PublishTimelinesAt(nint handle, TimelineSnapshot* timelines, uint count, ulong timestampMs) =>
        Started(handle, timelines, count) is { } running ? Publish(running, running.Timelines, timelines, (int)count, timestampMs) : (byte)0;

    [UnmanagedCallersOnly(EntryPoint = "ipc_server_update_stats")]
    public static byte UpdateStats(nint handle, Statistics* stats)
    {
        if (Started(handle, stats, 1) is not { } running)
        {
            return 0;
        }

        try
        {
            return Published(running.PublishStats(*stats), "stats");
        }
        catch (Exception e)
        {
            return Failed(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "ipc_server_update_status")]
    public static byte UpdateStatus(nint handle, byte* status)
    {
        if (Started(handle, status, 1) is not { } running)
        {
            return 0;
        }

        try
        {
            return Published(running.SetStatus(Status(CText.Required(status, "status"))), "status");
        }
        catch (Exception e)
        {
            return Failed(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "ipc_server_add_command")]
    public static byte AddCommand(nint handle, byte* type)
    {
        if (Started(handle, type, 1) is not { } running)
        {
            return 0;
        }

        try
        {
            var name = CText.Required(type, "type");
            if (name.Length > 64 || name.Any(c => c is not ((>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_' or '.')))
            {
                throw new BadArgumentException($"command type '{name}' is not [A-Z0-9_.]{{1,64}}");
            }

            (running.Commands ?? throw new BadArgumentException("enable_commands is 0: this server has no commands")).Add(name, CommandScope.Command, CommandType.Custom);
            return 1;
        }
        catch (Exception e)
        {
            return Failed(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "ipc_server_current_request_id")]
    public static byte* CurrentRequestId() => CallbackHandler.Current is { } running ? running.RequestId : null;

    [UnmanagedCallersOnly(EntryPoint = "ipc_server_current_command")]
    public static byte* CurrentCommand() => CallbackHandler.Current is { } running ? running.Type : null;

    [UnmanagedCallersOnly(EntryPoint = "ipc_server_send_ack")]
    public static byte SendAck(nint handle, byte* requestId, byte success, byte* message)
    {
        if (Started(handle, requestId, 1) is not { } running)
        {
            return 0;
        }

        using var block = SigpipeBlock.Enter();
        try
        {
            var id = CText.Required(requestId, "request_id");
            var text = CText.Read(message, success != 0 ? "done" : "failed");
            if (CallbackHandler.Current is { } current && current.Command.RequestId == id)
            {
                current.Result = success != 0 ? CommandResult.Ok(text) : CommandResult.Error(CommandCodes.Failed, text);
                return 1;
            }

            var commands = running.Commands ?? throw new BadArgumentException("enable_commands is 0: this server has no commands");
            return Published(
                commands.Send(new Acknowledgement { RequestId = id, Success = success != 0, Message = text, Code = success != 0 ? null : CommandCodes.Failed, TimestampMs = (long)NowMs() }),
                "acks");
        }
        catch (Exception e)
        {
            return Failed(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "ipc_server_get_stats")]
    public static byte GetStats(nint handle, ServerStatistics* stats)
    {
        if (Started(handle, stats, 1) is not { } running)
        {
            return 0;
        }

        try
        {
            *stats = running.Count();
            return 1;
        }
        catch (Exception e)
        {
            return Failed(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "ipc_server_stop")]
    public static void Stop(nint handle)
    {
        if (Find(handle) is { } server)
        {
            Stop(server, forGood: false);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "ipc_server_destroy")]
    public static void Destroy(nint handle)
    {
        if (handle != 0 && !IsRefused() && Servers.Remove(handle) is { } server)
        {
            Stop(server, forGood: true);
        }
    }

    /// <summary>Never writes more than the caller's structure has: it may be of another version.</summary>
    private static void Default(ServerConfig* config, uint size)
    {
        if (config is null)
        {
            return;
        }

        var defaults = new ServerConfig
        {
            StructSize = size,
            Protocol = 2,
            Slots = 4,
            MaxDetections = DetectionCodec.DefaultCapacity,
            MaxTracks = TrackCodec.DefaultCapacity,
            MaxTimelines = TimelineCodec.DefaultCapacity,
            EnableCommands = 1,
            CommandRate = 200,
        };
        new Span<byte>(config, (int)Math.Min(size, int.MaxValue)).Clear();
        new ReadOnlySpan<byte>(&defaults, (int)Math.Min(size, sizeof(ServerConfig))).CopyTo(new Span<byte>(config, sizeof(ServerConfig)));
    }

    /// <summary>Without a number, it is one more than that of the frame before.</summary>
    private static byte Publish(RunningServer running, DetectedObject* objects, int count, ulong? frameId, ulong timestampMs)
    {
        var channel = running.Detections;
        lock (channel.Gate)
        {
            channel.Frame.FrameId = frameId ?? channel.Frame.FrameId + 1;
            return Publish(running, channel, objects, count, timestampMs);
        }
    }

    private static byte Publish<TFrame, TElement>(RunningServer running, FrameChannel<TFrame, TElement> channel, TElement* elements, int count, ulong timestampMs)
        where TFrame : ElementFrame<TElement>, new()
        where TElement : unmanaged
    {
        try
        {
            lock (channel.Gate)
            {
                channel.Frame.TimestampMs = timestampMs;
                channel.Frame.Width = running.Width;
                channel.Frame.Height = running.Height;
                return Published(channel.Publish(elements, count), channel.Name);
            }
        }
        catch (Exception e)
        {
            return Failed(e);
        }
    }

    private static void Stop(Server server, bool forGood)
    {
        using var block = SigpipeBlock.Enter();
        try
        {
            server.Stop(forGood);
        }
        catch (Exception e)
        {
            _ = LastError.Set(e);
        }
    }

    private static Server? Find(nint handle)
    {
        if (IsRefused())
        {
            return null;
        }

        var server = Servers.Find(handle);
        if (server is null)
        {
            _ = LastError.Set(ErrorCode.BadHandle, handle == 0 ? "server is NULL: did ipc_server_init() fail?" : "server is not a handle of ipc_server_init(), or was destroyed");
        }

        return server;
    }

    private static bool IsRefused()
    {
        if (!ForkGuard.IsForked && CallbackLoggerFactory.IsInCallback)
        {
            _ = LastError.Set(ErrorCode.NotSupported, "not from the log callback: the line may come from the middle of such a call; set a flag and call it elsewhere");
            return true;
        }

        return ForkGuard.IsForked;
    }

    private static RunningServer? Started(nint handle, void* argument, uint count)
    {
        if (Find(handle) is not { } server)
        {
            return null;
        }

        if ((argument is null && count > 0) || count > MaxElements)
        {
            _ = LastError.Set(ErrorCode.BadArgument, argument is null ? "an argument is NULL that must point to something" : $"{count} elements in a frame: at most {MaxElements}");
            return null;
        }

        if (server.Running is { } running)
        {
            return running;
        }

        _ = LastError.Set(ErrorCode.NotStarted, $"server '{server.Instance}' is not started: call ipc_server_start()");
        return null;
    }

    private static byte Published(PublishResult result, string channel)
    {
        if (result == PublishResult.Published)
        {
            return 1;
        }

        _ = LastError.Set(ErrorCode.NotPublished, result switch
        {
            PublishResult.NoReader => $"{channel}: nobody reads it; nothing was sent",
            PublishResult.Full => $"{channel}: its reader is too slow; nothing was sent",
            PublishResult.TooLarge => $"{channel}: the value is larger than the channel; raise max_{channel}",
            PublishResult.Closed => $"{channel}: the server was stopped meanwhile",
            _ => $"{channel}: writing failed (disk full or read-only?); omnisight_set_log_callback() shows why",
        });
        return 0;
    }

    private static byte Failed(Exception e)
    {
        _ = LastError.Set(e);
        return 0;
    }

    private static string Status(string text) => Statuses.Contains(text) ? text : throw new BadArgumentException($"status '{text}' is not one of {string.Join(", ", Statuses)}");

    private static ulong NowMs() => (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
}
