using System.Text.Json;
using Omnisight.Kernel.Core;

namespace Omnisight.Kernel.Plugins;

/// <summary>
/// Who brought the process down: a line for each exception that no one caught, in <c>INSTANCE_crashes.ndjson</c> (0600) of the runtime
/// directory. A plugin that did so three times within ten minutes is not loaded, so that a restart helps. The minutes are those since the machine
/// started: a step of the wall clock neither forgets a crash nor keeps one for ever; a start of the machine forgets them all.
/// </summary>
internal sealed class CrashRecord(string runtimeDirectory, string instance, TimeProvider time, string? bootId = null)
{
    /// <summary>So many crashes within <see cref="Window"/> are no coincidence.</summary>
    public const int Limit = 3;

    /// <summary>Older crashes count no more.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly string _bootId = bootId ?? ProcessIdentity.Current.BootId;

    /// <summary>The file.</summary>
    public string Path { get; } = System.IO.Path.Combine(runtimeDirectory, instance + "_crashes.ndjson");

    /// <summary>Adds a crash, and drops those that count no more.</summary>
    public void Add(string plugin, string exception)
    {
        List<Crash> crashes = [.. Recent(), new Crash(plugin, _bootId, MonotonicMs, exception)];
        var temporary = $"{Path}.{Environment.ProcessId}.tmp";
        File.Delete(temporary);
        using (var stream = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            foreach (var crash in crashes)
            {
                using var json = new Utf8JsonWriter(stream);
                json.WriteStartObject();
                json.WriteString("plugin"u8, crash.Plugin);
                json.WriteString("boot_id"u8, crash.BootId);
                json.WriteNumber("mono_ms"u8, crash.MonotonicMs);
                json.WriteString("exception"u8, crash.Exception);
                json.WriteEndObject();
                json.Flush();
                stream.WriteByte((byte)'\n');
            }
        }

        File.Move(temporary, Path, overwrite: true);
    }

    /// <summary>Why a plugin is not to be loaded; null when it may be.</summary>
    public string? WhyNot(string plugin)
    {
        var crashes = Recent().Where(c => c.Plugin == plugin).ToList();
        if (crashes.Count < Limit)
        {
            return null;
        }

        var again = time.GetUtcNow() + Window - Age(crashes[^Limit]);
        return $"it brought the process down {crashes.Count} times within {Window.TotalMinutes:0} minutes (last: {crashes[^1].Exception}); repair or update it; it is tried again at a start after {again:HH:mm:ss} UTC, or once {Path} is deleted";
    }

    private long MonotonicMs => (long)time.GetElapsedTime(0).TotalMilliseconds;

    private TimeSpan Age(Crash crash) => TimeSpan.FromMilliseconds(MonotonicMs - crash.MonotonicMs);

    private List<Crash> Recent()
    {
        try
        {
            return [.. File.ReadLines(Path).Select(Parse).OfType<Crash>().Where(c => c.BootId == _bootId && Age(c) >= TimeSpan.Zero && Age(c) < Window)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>A line that can't be read is no crash.</summary>
    private static Crash? Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            return new Crash(root.GetProperty("plugin"u8).GetString()!, root.GetProperty("boot_id"u8).GetString()!, root.GetProperty("mono_ms"u8).GetInt64(), root.GetProperty("exception"u8).GetString()!);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private sealed record Crash(string Plugin, string BootId, long MonotonicMs, string Exception);
}
