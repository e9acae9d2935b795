using System.Collections.Frozen;
using Omnisight.Api.Rest.Hosting;

namespace Omnisight.Api.Rest.Security;

/// <summary>The names under which this API may be called. Another name means that a browser was led here by somebody else's DNS.</summary>
internal sealed class HostNames
{
    private readonly FrozenSet<string> _names;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public HostNames(IEnumerable<ListenAddress> addresses, IEnumerable<string> allowed)
    {
        string[] loopback = ["localhost", "127.0.0.1", "[::1]"];
        _names = loopback.Concat(addresses.Select(a => a.Host)).Concat(allowed).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _lookup = _names.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Is this value of the Host header one of ours? An IP address that a packet really reached is.</summary>
    public bool Allows(string? host)
    {
        if (string.IsNullOrEmpty(host))
        {
            return false;
        }

        var name = host.AsSpan();
        var colon = name.LastIndexOf(':');
        if (colon > name.LastIndexOf(']'))
        {
            name = name[..colon];
        }

        return _lookup.Contains(name) || (IsAnyAddress && System.Net.IPAddress.TryParse(name.Trim("[]"), out _));
    }

    /// <summary>Listening on every address, its own addresses can't be listed; a numeric host can't be rebound by DNS.</summary>
    private bool IsAnyAddress => _names.Contains("0.0.0.0") || _names.Contains("[::]");
}
