using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Omnisight.Api.Rest.Security;

/// <summary>Tickets for browser streams: EventSource and WebSocket can't send a key, and a key in a URL ends up in logs. One use, thirty seconds.</summary>
internal sealed class Tickets(TimeProvider time)
{
    public const int LifetimeSeconds = 30;
    private const int MostOpen = 4096;
    private readonly ConcurrentDictionary<string, (Caller Caller, long ExpiresNs)> _open = new();

    /// <summary>A new ticket with the rights of its caller; null when too many are open.</summary>
    public string? Issue(Caller caller)
    {
        var now = MonotonicClock.NowNs(time);
        foreach (var (ticket, entry) in _open)
        {
            if (entry.ExpiresNs < now)
            {
                _ = _open.TryRemove(ticket, out _);
            }
        }

        if (_open.Count >= MostOpen)
        {
            return null;
        }

        var made = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        _open[made] = (caller, now + (LifetimeSeconds * 1_000_000_000L));
        return made;
    }

    /// <summary>Uses a ticket up; null when it never was, was used, or is too old.</summary>
    public Caller? Redeem(string ticket) =>
        _open.TryRemove(ticket, out var entry) && entry.ExpiresNs >= MonotonicClock.NowNs(time) ? entry.Caller : null;
}
