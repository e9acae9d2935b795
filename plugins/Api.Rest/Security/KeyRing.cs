using Omnisight.Commands;

namespace Omnisight.Api.Rest.Security;

/// <summary>Who a key in the Authorization header belongs to.</summary>
internal sealed class KeyRing(KeyStore store, TimeProvider time)
{
    /// <summary>No token of ours is longer; more is not worth a hash.</summary>
    private const int LongestToken = 256;
    private const string Scheme = "Bearer ";

    /// <summary>The caller, or null when the key is missing, wrong, expired or not a key at all.</summary>
    public Caller? Authenticate(string authorization, bool isLoopback)
    {
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || authorization.Length > LongestToken + Scheme.Length)
        {
            return null;
        }

        var token = authorization[Scheme.Length..].Trim();
        return store.Authenticate(token) is { } key ? new Caller("key:" + key.Id, key.Id, token, isLoopback, key) : null;
    }

    /// <summary>Is a key still good for looking? It may have been revoked since, or have expired.</summary>
    public bool StillReads(AccessKey key) =>
        store.List().Any(k => k.Id == key.Id && k.Sha256 == key.Sha256 && k.Allows(CommandScope.Read) && !(k.ExpiresMs <= time.GetUtcNow().ToUnixTimeMilliseconds()));
}
