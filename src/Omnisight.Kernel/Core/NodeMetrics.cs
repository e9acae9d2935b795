using System.Diagnostics.Metrics;
using Omnisight.Kernel.Plugins;
using Omnisight.Kernel.Wiring;

namespace Omnisight.Kernel.Core;

/// <summary>
/// The meter <c>Omnisight.Node</c>: observable instruments over counters that are there anyway, so that measuring costs the data path nothing.
/// Names are dotted; an exporter turns them into <c>omnisight_shm_reject_total{reason}</c>, <c>omnisight_plugin_faults_total</c>, ...
/// </summary>
internal sealed class NodeMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Omnisight.Node";

    private readonly Meter _meter = new(MeterName);
    private readonly NodeState _node;
    private readonly NodeChannels _channels;

    public NodeMetrics(NodeState node, NodeChannels channels, IReadOnlyList<string> schemes, Omnisight.Commands.CommandCounters? commands, DocumentLoop documents)
    {
        _node = node;
        _channels = channels;
        Published("omnisight.channel.published", "values published", c => Volatile.Read(ref c.Values));
        Published("omnisight.channel.published_bytes", "payload bytes published", c => Volatile.Read(ref c.Bytes));
        Published("omnisight.channel.publish_lost", "values that could not be published", c => Volatile.Read(ref c.Lost));
        Published("omnisight.channel.truncated", "elements that did not fit into a published value", c => Volatile.Read(ref c.Truncated));
        Read("omnisight.channel.read", "values read", t => t.Values);
        Read("omnisight.channel.missed", "values that were published and never seen by a reader", t => t.Lost);
        Read("omnisight.channel.torn", "reads that met a writer in the act and were tried again", t => t.Torn);
        Read("omnisight.channel.resets", "restarts of a writer that readers met", t => t.Resets);
        _meter.CreateObservableGauge("omnisight.channel.publish_latency_us", Latencies, "us", "time to encode and publish a value, by quantile");
        foreach (var scheme in schemes)
        {
            _meter.CreateObservableCounter($"omnisight.{scheme}.reject", () => Rejects(scheme), null, "values that were not accepted, by reason");
        }

        _meter.CreateObservableCounter("omnisight.stats_write_errors", () => documents.WriteErrors, null, "documents of the kernel that could not be written");
        _meter.CreateObservableCounter("omnisight.plugin.faults", () => _node.Plugins.Select(p => new Measurement<long>(p.Faults, Tag("plugin", p.Id))), null, "failures of a plugin and its modules");
        _meter.CreateObservableCounter("omnisight.plugin.restarts", () => _node.Plugins.Select(p => new Measurement<long>(p.Restarts, Tag("plugin", p.Id))), null, "times that modules of a plugin were made anew");
        _meter.CreateObservableGauge(
            "omnisight.plugin.state", () => _node.Plugins.Select(p => new Measurement<int>(1, Tag("plugin", p.Id), Tag("state", StateName.Of(p.State)))), null, "1 for the state that a plugin is in");
        if (commands is not null)
        {
            Commands(commands);
        }
    }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(string name, object value) => new(name, value);

    private void Commands(Omnisight.Commands.CommandCounters commands)
    {
        _meter.CreateObservableCounter("omnisight.command.received", () => commands.Received, null, "command lines that arrived");
        _meter.CreateObservableCounter("omnisight.command.executed", () => commands.Executed, null, "commands that were carried out");
        _meter.CreateObservableCounter("omnisight.command.repeated", () => commands.Repeated, null, "repetitions of a command that were answered from memory");
        _meter.CreateObservableCounter("omnisight.command.acks_dropped", () => commands.AcksDropped, null, "acknowledgements that nobody took");
        _meter.CreateObservableCounter(
            "omnisight.command.reject", () => commands.Rejects.Select(r => new Measurement<long>(r.Value, Tag("reason", r.Key))), null, "command lines that were refused, by reason");
    }

    private void Published(string name, string description, Func<ChannelCounters, long> value) => _meter.CreateObservableCounter(
        name, () => _channels.Publishers.All.Select(p => new Measurement<long>(value(p.Counters), Tag("channel", p.Channel.Name.Value))), null, description);

    private void Read(string name, string description, Func<ReaderTotals, long> value) => _meter.CreateObservableCounter(
        name, () => _channels.Readers.Totals().Select(t => new Measurement<long>(value(t.Value), Tag("channel", t.Key))), null, description);

    private IEnumerable<Measurement<double>> Latencies()
    {
        foreach (var publisher in _channels.Publishers.All)
        {
            foreach (var quantile in (double[])[0.5, 0.99])
            {
                if (publisher.Counters.PublishLatency.Percentile(quantile) is { } nanoseconds)
                {
                    yield return new Measurement<double>(nanoseconds / 1000, Tag("channel", publisher.Channel.Name.Value), Tag("quantile", quantile));
                }
            }
        }
    }

    private IEnumerable<Measurement<long>> Rejects(string scheme)
    {
        foreach (var (channel, totals) in _channels.Readers.Totals().Where(t => t.Value.Scheme == scheme))
        {
            foreach (var reason in Enum.GetValues<RejectReason>().Where(r => totals.Rejects(r) > 0))
            {
                yield return new Measurement<long>(totals.Rejects(reason), Tag("channel", channel), Tag("reason", new Rejection(reason).Label));
            }
        }
    }
}
