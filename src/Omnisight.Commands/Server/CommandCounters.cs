using System.Collections.Concurrent;

namespace Omnisight.Commands;

/// <summary>What a <see cref="CommandServer"/> counted since it began. Read by anyone at any time.</summary>
public sealed class CommandCounters
{
    private readonly IAckSender _acks;
    private readonly ConcurrentDictionary<string, long> _rejects = new(StringComparer.Ordinal);
    private long _received, _executed, _repeated, _acksDropped;

    internal CommandCounters(IAckSender acks) => _acks = acks;

    /// <summary>Lines that arrived.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>Commands that were handed to a handler, PING and HELLO included.</summary>
    public long Executed => Volatile.Read(ref _executed);

    /// <summary>Repetitions that were answered from memory.</summary>
    public long Repeated => Volatile.Read(ref _repeated);

    /// <summary>Acknowledgements that nobody took.</summary>
    public long AcksDropped => Volatile.Read(ref _acksDropped) + _acks.LostLater;

    /// <summary>Refused lines by code (<see cref="CommandCodes"/>): <c>omnisight_command_reject_total{reason}</c>.</summary>
    public IReadOnlyDictionary<string, long> Rejects => _rejects;

    internal void CountReceived() => Interlocked.Increment(ref _received);

    internal void CountExecuted() => Interlocked.Increment(ref _executed);

    internal void CountRepeated() => Interlocked.Increment(ref _repeated);

    internal void CountAckDropped() => Interlocked.Increment(ref _acksDropped);

    internal void CountReject(string code) => _rejects.AddOrUpdate(code, 1, static (_, n) => n + 1);
}
