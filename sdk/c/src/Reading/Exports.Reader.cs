using System.Runtime.InteropServices;
using Omnisight.Messages;

namespace Omnisight.Sdk;

/// <summary>The reader API: omnisight_open() and what follows it. Results are OMNISIGHT_FRESH and the other outcomes, or a negative error.</summary>
internal static unsafe partial class Exports
{
    private static readonly HandleTable<ChannelReader> Readers = new();

    [UnmanagedCallersOnly(EntryPoint = "omnisight_open")]
    public static int Open(ReaderConfig* config, nint* reader)
    {
        if (ForkGuard.IsForked)
        {
            return (int)ErrorCode.Forked;
        }

        using var block = SigpipeBlock.Enter();
        try
        {
            if (reader is null || config is null || config->StructSize != sizeof(ReaderConfig))
            {
                return LastError.Set(ErrorCode.BadArgument, reader is null || config is null
                    ? "config and reader must not be NULL"
                    : $"config.struct_size is {config->StructSize}, not {sizeof(ReaderConfig)}: set it to sizeof(OmnisightReaderConfig) and build with this library's omnisight.h");
            }

            *reader = 0;
            *reader = Readers.Add(ChannelReader.Open(in *config));
            return 0;
        }
        catch (Exception e)
        {
            return LastError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "omnisight_latest_detections")]
    public static int LatestDetections(nint reader, DetectedObject* objects, uint capacity, uint* count, FrameInfo* info) =>
        Latest<DetectionFrame, DetectedObject>(reader, objects, capacity, count, info);

    [UnmanagedCallersOnly(EntryPoint = "omnisight_latest_tracks")]
    public static int LatestTracks(nint reader, TrackedObject* tracks, uint capacity, uint* count, FrameInfo* info) =>
        Latest<TrackFrame, TrackedObject>(reader, tracks, capacity, count, info);

    [UnmanagedCallersOnly(EntryPoint = "omnisight_latest_timelines")]
    public static int LatestTimelines(nint reader, TimelineSnapshot* timelines, uint capacity, uint* count, FrameInfo* info) =>
        Latest<TimelineFrame, TimelineSnapshot>(reader, timelines, capacity, count, info);

    [UnmanagedCallersOnly(EntryPoint = "omnisight_latest_json")]
    public static int LatestJson(nint handle, byte* buffer, nuint capacity, nuint* needed, FrameInfo* info)
    {
        if (FindReader(handle, out var error) is not { } reader)
        {
            return error;
        }

        using var block = reader.Bytes is IBlockingReader ? default : SigpipeBlock.Enter(); // it may start threads
        try
        {
            lock (reader.Gate)
            {
                ReadStatus status;
                ReadOnlySpan<byte> json = default;
                SampleInfo sample;
                switch (reader)
                {
                    case FrameReader<DetectionFrame, DetectedObject> frames:
                        status = frames.Read(out sample);
                        json = sample.Sequence == 0 ? default : frames.Json();
                        break;
                    case FrameReader<TrackFrame, TrackedObject> frames:
                        status = frames.Read(out sample);
                        json = sample.Sequence == 0 ? default : frames.Json();
                        break;
                    case FrameReader<TimelineFrame, TimelineSnapshot> frames:
                        status = frames.Read(out sample);
                        json = sample.Sequence == 0 ? default : frames.Json();
                        break;
                    case RawReader { Format: { } format } raw:
                        status = raw.Read(out sample);
                        if (sample.Sequence != 0)
                        {
                            var rejection = Formats.ToJson(format, raw.Payload, raw.Bytes.Encoding, out var text);
                            if (!rejection.IsNone)
                            {
                                _ = LastError.Set(ErrorCode.None, rejection.ToString());
                                sample.Rejection = rejection;
                                Describe(reader, in sample, info);
                                return (int)ReadStatus.Rejected;
                            }

                            json = text;
                        }

                        break;
                    default:
                        return LastError.Set(ErrorCode.WrongMessage, $"channel '{reader.Bytes.Channel.Name}': its message is not known here; use omnisight_latest_raw()");
                }

                return Tell(reader, status, sample, Copied(json, buffer, capacity, needed, terminated: true), info);
            }
        }
        catch (Exception e)
        {
            return LastError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "omnisight_latest_raw")]
    public static int LatestRaw(nint handle, void* buffer, nuint capacity, nuint* needed, FrameInfo* info)
    {
        if (FindReader(handle, out var error) is not { } found)
        {
            return error;
        }

        using var block = found.Bytes is IBlockingReader ? default : SigpipeBlock.Enter(); // it may start threads
        try
        {
            lock (found.Gate)
            {
                if (found is not RawReader reader)
                {
                    return LastError.Set(ErrorCode.WrongMessage, $"channel '{found.Bytes.Channel.Name}' carries frames: use omnisight_latest_detections(), _tracks() or _timelines(), or omnisight_lease() for their bytes");
                }

                var status = reader.Read(out var sample);
                return Tell(reader, status, sample, Copied(sample.Sequence == 0 ? default : reader.Payload, (byte*)buffer, capacity, needed, terminated: false), info);
            }
        }
        catch (Exception e)
        {
            return LastError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "omnisight_wait")]
    public static int Wait(nint handle, int timeoutMs)
    {
        if (FindReader(handle, out var error) is not { } reader)
        {
            return error;
        }

        using var block = reader.Bytes is IBlockingReader ? default : SigpipeBlock.Enter(); // it may start threads
        try
        {
            bool isNew;
            do
            {
                isNew = reader.Wait(TimeSpan.FromMilliseconds(timeoutMs < 0 ? int.MaxValue : timeoutMs));
            }
            while (!isNew && timeoutMs < 0 && Readers.Find(handle) == reader);
            return isNew ? 1 : 0;
        }
        catch (Exception e)
        {
            return LastError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "omnisight_lease")]
    public static int TakeLease(nint handle, void** payload, nuint* bytes, FrameInfo* info)
    {
        if (FindReader(handle, out var error) is not { } reader)
        {
            return error;
        }

        if (payload is null || bytes is null)
        {
            return LastError.Set(ErrorCode.BadArgument, "payload and bytes must not be NULL");
        }

        *payload = null;

        try
        {
            lock (reader.Gate)
            {
                var result = default(FrameInfo);
                var status = reader.Lease(out var start, out *bytes, ref result);
                *payload = start;
                if (info is not null)
                {
                    *info = result;
                }

                return (int)status;
            }
        }
        catch (Exception e)
        {
            return LastError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "omnisight_lease_valid")]
    public static int LeaseValid(nint handle)
    {
        if (FindReader(handle, out var error) is not { } reader)
        {
            return error;
        }

        try
        {
            return reader.IsLeaseValid() ? 1 : 0;
        }
        catch (Exception e)
        {
            return LastError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "omnisight_close")]
    public static void Close(nint handle)
    {
        if (handle == 0 || ForkGuard.IsForked || Readers.Remove(handle) is not { } reader)
        {
            return;
        }

        using var block = SigpipeBlock.Enter();
        try
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            _ = LastError.Set(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "omnisight_decode_json")]
    public static int DecodeJson(byte* message, void* payload, nuint bytes, byte* buffer, nuint capacity, nuint* needed)
    {
        if (ForkGuard.IsForked)
        {
            return (int)ErrorCode.Forked;
        }

        try
        {
            if (payload is null || bytes > int.MaxValue)
            {
                throw new BadArgumentException(payload is null ? "payload is NULL" : $"a payload of {bytes} bytes");
            }

            var name = CText.Required(message, "message");
            var format = Formats.Find(name) ?? throw new BadArgumentException($"message '{name}' is not known: {string.Join(", ", Formats.All.Select(f => f.Name))}");
            var rejection = Formats.ToJson(format, new ReadOnlySpan<byte>(payload, (int)bytes), PayloadEncoding.Binary, out var json);
            if (!rejection.IsNone)
            {
                _ = LastError.Set(ErrorCode.None, rejection.ToString());
                return (int)ReadStatus.Rejected;
            }

            return Copied(json, buffer, capacity, needed, terminated: true) ? (int)ReadStatus.Fresh : (int)ErrorCode.TooSmall;
        }
        catch (Exception e)
        {
            return LastError.Set(e);
        }
    }

    private static int Latest<TFrame, TElement>(nint handle, TElement* elements, uint capacity, uint* count, FrameInfo* info)
        where TFrame : ElementFrame<TElement>, new()
        where TElement : unmanaged
    {
        if (FindReader(handle, out var error) is not { } found)
        {
            return error;
        }

        try
        {
            if (count is null || (elements is null && capacity > 0))
            {
                return LastError.Set(ErrorCode.BadArgument, "count, and elements unless capacity is 0, must not be NULL");
            }

            if (found is not FrameReader<TFrame, TElement> reader)
            {
                return LastError.Set(ErrorCode.WrongMessage, $"channel '{found.Bytes.Channel.Name}' carries {found.Bytes.Channel.MessageId}: use its own function, or omnisight_latest_json()");
            }

            lock (reader.Gate)
            {
                return reader.Latest(elements, capacity, count, info);
            }
        }
        catch (Exception e)
        {
            return LastError.Set(e);
        }
    }

    /// <summary>A value that is told late is told without what came after it.</summary>
    private static int Tell(ChannelReader reader, ReadStatus status, SampleInfo sample, bool fitted, FrameInfo* info)
    {
        var told = reader.Told(status, fitted);
        sample.Rejection = told == (int)ReadStatus.Fresh ? Rejection.None : sample.Rejection;
        Describe(reader, in sample, info);
        return told;
    }

    private static void Describe(ChannelReader reader, in SampleInfo sample, FrameInfo* info)
    {
        if (info is not null)
        {
            *info = default;
            reader.Describe(in sample, ref *info);
        }
    }

    private static bool Copied(ReadOnlySpan<byte> bytes, byte* buffer, nuint capacity, nuint* needed, bool terminated)
    {
        var length = (nuint)bytes.Length + (terminated ? 1u : 0u);
        if (needed is not null)
        {
            *needed = length;
        }

        if (length > capacity || (buffer is null && length > 0))
        {
            _ = LastError.Set(ErrorCode.TooSmall, $"the buffer has {capacity} bytes, the value {length}: give a larger one; the value stays");
            return false;
        }

        bytes.CopyTo(new Span<byte>(buffer, bytes.Length));
        if (terminated)
        {
            buffer[bytes.Length] = 0;
        }

        return true;
    }

    private static ChannelReader? FindReader(nint handle, out int error)
    {
        error = (int)ErrorCode.Forked;
        if (ForkGuard.IsForked)
        {
            return null;
        }

        var reader = Readers.Find(handle);
        if (reader is null)
        {
            error = LastError.Set(ErrorCode.BadHandle, handle == 0 ? "reader is NULL: did omnisight_open() fail?" : "reader is not a handle of omnisight_open(), or was closed");
        }

        return reader;
    }
}
