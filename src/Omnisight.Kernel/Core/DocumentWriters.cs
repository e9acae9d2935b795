using System.Globalization;
using System.Text.Json;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel.Core;

/// <summary>The members of the kernel's documents (PROTOCOL 4).</summary>
internal static class DocumentWriters
{
    public static void Stats(Utf8JsonWriter json, NodeState node, IReadOnlyList<ChannelReading> channels, SystemReadings system, long writeErrors)
    {
        json.WriteStartObject();
        json.WriteNumber("timestamp"u8, node.NowMs);
        json.WriteNumber("uptime_ms"u8, (long)node.Uptime.TotalMilliseconds);
        json.WriteNumber("stats_write_errors"u8, writeErrors);
        ModuleSections(json, node);
        System(json, system);
        json.WriteStartObject("plugins"u8);
        json.WriteNumber("faults"u8, node.Plugins.Sum(p => p.Faults));
        json.WriteNumber("restarts"u8, node.Plugins.Sum(p => p.Restarts));
        var now = node.Plugins.Select(p => (p.Id, p.Now)).ToList();
        json.WriteStartObject("states"u8);
        foreach (var (id, (state, _)) in now)
        {
            json.WriteString(id, StateName.Of(state));
        }

        json.WriteEndObject();
        json.WriteStartObject("reasons"u8);
        foreach (var (id, (_, reason)) in now)
        {
            json.WriteString(id, reason);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        Channels(json, channels);
        json.WriteEndObject();
    }

    public static void Status(Utf8JsonWriter json, NodeState node, IReadOnlyList<ChannelEntry> channels, bool withIdentity)
    {
        json.WriteStartObject();
        json.WriteNumber("timestamp"u8, node.NowMs);
        json.WriteString("status"u8, node.Status);
        Identity(json, withIdentity ? node.Epoch : null);
        json.WriteNumber("core_epoch"u8, node.Epoch);
        json.WriteString("version"u8, node.Settings.Version);
        json.WriteString("instance"u8, node.Settings.Configuration.Instance);
        json.WriteStartObject("modules"u8);
        foreach (var (name, module) in node.NamedModules())
        {
            json.WriteString(name, StateName.Of(module.State));
        }

        json.WriteEndObject();
        json.WriteStartObject("ipc"u8);
        json.WriteString("runtime_directory"u8, node.Settings.Configuration.RuntimeDirectory);
        foreach (var channel in channels.Where(c => c.Path.Length > 0))
        {
            json.WriteString(channel.Name, channel.Path);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void Plugins(Utf8JsonWriter json, NodeState node)
    {
        json.WriteStartObject();
        json.WriteNumber("timestamp"u8, node.NowMs);
        json.WriteNumber("pid"u8, Environment.ProcessId);
        PluginArray(json, node);
        json.WriteEndObject();
    }

    public static void Process(Utf8JsonWriter json, NodeState node, IReadOnlyList<ChannelReading> channels, SystemReadings system, bool withIdentity)
    {
        json.WriteStartObject();
        json.WriteNumber("timestamp"u8, node.NowMs);
        Identity(json, withIdentity ? node.Epoch : null);
        json.WriteString("role"u8, node.Settings.Configuration.Use);
        json.WriteString("status"u8, node.Status);
        json.WriteNumber("uptime_ms"u8, (long)node.Uptime.TotalMilliseconds);
        PluginArray(json, node);
        json.WriteStartArray("channels"u8);
        foreach (var channel in channels)
        {
            json.WriteStringValue(channel.Name);
        }

        json.WriteEndArray();
        Channels(json, channels);
        System(json, system);
        json.WriteEndObject();
    }

    /// <summary>Who wrote it, where no envelope says so: a JSON transport's has all of this, and a document without it is not searched for members of its own.</summary>
    private static void Identity(Utf8JsonWriter json, ulong? epoch)
    {
        if (epoch is { } own)
        {
            json.WriteNumber("pid"u8, ProcessIdentity.Current.Pid);
            json.WriteNumber("start_ticks"u8, ProcessIdentity.Current.StartTicks);
            json.WriteNumber("epoch"u8, own);
            json.WriteString("boot_id"u8, ProcessIdentity.Current.BootId);
        }
    }

    private static void ModuleSections(Utf8JsonWriter json, NodeState node)
    {
        var reports = node.Modules.Select(m => m.Context).OfType<Supervision.ModuleContext>().SelectMany(c => c.Reports).ToLookup(r => r.Key.Section, StringComparer.Ordinal);
        foreach (var (section, members) in StatsSections.Fixed)
        {
            var reported = reports[section].DistinctBy(r => r.Key.Name).ToDictionary(r => r.Key.Name, r => r.Value, StringComparer.Ordinal);
            json.WriteStartObject(section);
            json.WriteBoolean("enabled"u8, reported.Count > 0);
            foreach (var name in members.Union(reported.Keys, StringComparer.Ordinal))
            {
                Number(json, name, reported.GetValueOrDefault(name));
            }

            json.WriteEndObject();
        }

        foreach (var other in reports.Where(r => StatsSections.Fixed.All(f => f.Section != r.Key)))
        {
            json.WriteStartObject(other.Key);
            foreach (var report in other.DistinctBy(r => r.Key.Name))
            {
                Number(json, report.Key.Name, report.Value);
            }

            json.WriteEndObject();
        }
    }

    private static void System(Utf8JsonWriter json, SystemReadings system)
    {
        json.WriteStartObject("system"u8);
        json.WriteNumber("memory_mb"u8, SystemReadings.MemoryMb);
        json.WriteNumber("cpu_percent"u8, system.CpuPercent());
        if (system.TemperatureC() is { } temperature)
        {
            json.WriteNumber("temperature_c"u8, temperature);
        }
        else
        {
            json.WriteNull("temperature_c"u8);
        }

        json.WriteEndObject();
    }

    private static void Channels(Utf8JsonWriter json, IReadOnlyList<ChannelReading> channels)
    {
        json.WriteStartObject("ipc"u8);
        foreach (var channel in channels)
        {
            json.WriteStartObject(channel.Name);
            json.WriteNumber("published"u8, channel.Published?.Values ?? 0);
            json.WriteNumber("bytes"u8, channel.Published?.Bytes ?? channel.Read.Bytes);
            json.WriteNumber("hz"u8, channel.Hz);
            json.WriteNumber("read"u8, channel.Read.Values);
            json.WriteNumber("lost"u8, (channel.Published?.Lost ?? 0) + channel.Read.Lost);
            json.WriteNumber("read_errors"u8, channel.Read.Rejected);
            json.WriteNumber("crc_errors"u8, channel.Read.Rejects(RejectReason.Crc));
            json.WriteNumber("torn"u8, channel.Read.Torn);
            json.WriteNumber("stale"u8, channel.StaleCount);
            Microseconds(json, "publish_p50_us", channel.Published?.PublishLatency.Percentile(0.50));
            Microseconds(json, "publish_p99_us", channel.Published?.PublishLatency.Percentile(0.99));
            if (channel.Published is { } published)
            {
                PublishLatency(json, published.PublishLatency);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void PluginArray(Utf8JsonWriter json, NodeState node)
    {
        json.WriteStartArray("plugins"u8);
        foreach (var report in node.Plugins.Select(PluginReport.Of))
        {
            json.WriteStartObject();
            json.WriteString("id"u8, report.Id);
            json.WriteString("version"u8, report.Version);
            json.WriteString("contract"u8, report.Contract);
            json.WriteString("state"u8, StateName.Of(report.State));
            json.WriteString("reason"u8, report.Reason);
            json.WriteStartArray("provides"u8);
            foreach (var provided in report.Provides)
            {
                json.WriteStringValue(provided);
            }

            json.WriteEndArray();
            json.WriteBoolean("chosen"u8, report.Chosen);
            json.WriteBoolean("reloadable"u8, report.Reloadable);
            json.WriteNumber("faults"u8, report.Faults);
            json.WriteNumber("restarts"u8, report.Restarts);
            json.WriteStartArray("modules"u8);
            foreach (var module in report.Modules)
            {
                json.WriteStartObject();
                json.WriteString("name"u8, module.Name);
                json.WriteString("state"u8, StateName.Of(module.State));
                json.WriteString("reason"u8, module.Reason);
                json.WriteNumber("restarts"u8, module.Restarts);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (!double.IsFinite(value))
        {
            json.WriteNull(name);
        }
        else if (value == Math.Floor(value) && Math.Abs(value) < 1L << 53)
        {
            json.WriteNumber(name, (long)value);
        }
        else
        {
            json.WriteNumber(name, Math.Round(value, 3));
        }
    }

    /// <summary>Counts up to each bound, from which whoever reads makes a histogram.</summary>
    private static void PublishLatency(Utf8JsonWriter json, LatencyHistogram latency)
    {
        json.WriteStartObject("publish_latency"u8);
        json.WriteNumber("count"u8, latency.Count);
        json.WriteNumber("sum_us"u8, Math.Round(latency.Sum / 1000.0, 3));
        json.WriteStartObject("le_us"u8);
        foreach (var bound in (ReadOnlySpan<int>)[1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000, 100_000])
        {
            json.WriteNumber(bound.ToString(CultureInfo.InvariantCulture), latency.CountUpTo(bound * 1000L));
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Microseconds(Utf8JsonWriter json, string name, double? nanoseconds)
    {
        if (nanoseconds is { } value)
        {
            json.WriteNumber(name, Math.Round(value / 1000, 2));
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
