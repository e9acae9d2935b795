using System.Collections.Concurrent;
using Omnisight.Commands;

namespace Omnisight.Api.Rest.Security;

/// <summary>Who a key in the Authorization header belongs to.</summary>
internal sealed class KeyRing(KeyStore store, TimeProvider time)
{
    /// <summary>No token of ours is longer; more is not worth a hash.</summary>
    private const int LongestToken = 256;
    private const string Scheme = "Bearer ";
    private const int MostKnown = 256;

    /// <summary>Whom a header was last found to belong to: a program that polls sends the same one every time.</summary>
    private readonly ConcurrentDictionary<(string Authorization, bool IsLoopback), Caller> _known = new();

    /// <summary>The caller, or null when the key is missing, wrong, expired or not a key at all.</summary>
    public Caller? Authenticate(string authorization, bool isLoopback)
    {
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || authorization.Length > LongestToken + Scheme.Length)
        {
            return null;
        }

        if (_known.TryGetValue((authorization, isLoopback), out var known) && IsGood(known.Key!))
        {
            return known;
        }

        var token = authorization[Scheme.Length..].Trim();
        if (store.Authenticate(token) is not { } key)
        {
            _ = _known.TryRemove((authorization, isLoopback), out _);
            return null;
        }

        if (_known.Count >= MostKnown)
        {
            _known.Clear();
        }

        return _known[(authorization, isLoopback)] = new Caller("key:" + key.Id, key.Id, token, isLoopback, key);
    }

    /// <summary>Is a key still good for looking? It may have been revoked since, or have expired.</summary>
    public bool StillReads(AccessKey key) =>
        store.List().Any(k => k.Id == key.Id && k.Sha256 == key.Sha256 && k.Allows(CommandScope.Read) && !IsPast(k));

    /// <summary>Is it still the one in the file, as it was read? A file that changed is read anew, and makes new ones.</summary>
    private bool IsGood(AccessKey key)
    {
        var keys = store.List();
        for (var i = 0; i < keys.Count; i++)
        {
            if (ReferenceEquals(keys[i], key))
            {
                return !IsPast(key);
            }
        }

        return false;
    }

    private bool IsPast(AccessKey key) => key.ExpiresMs <= time.GetUtcNow().ToUnixTimeMilliseconds();
}
