using Omnisight.Commands;

namespace Omnisight.Api.Rest.Security;

/// <summary>Who asks: the holder of a key or a ticket, or somebody on this machine without one.</summary>
/// <param name="Name">For the audit and the rate limits: <c>key:ID</c> or the address.</param>
/// <param name="KeyId">The key's id, null without one.</param>
/// <param name="Token">The key itself, passed on to the core, never logged.</param>
internal sealed record Caller(string Name, string? KeyId, string? Token, bool IsLoopback, AccessKey? Key)
{
    /// <summary>Somebody on this machine without a key.</summary>
    public static readonly Caller Local = new("loopback", null, null, IsLoopback: true, null);

    /// <summary>Loopback without a key may look and ask for work; what lasts needs a key.</summary>
    public bool Allows(Access access) => access switch
    {
        Access.Public => true,
        Access.Read => Key?.Allows(CommandScope.Read) ?? IsLoopback,
        Access.Command => Key?.Allows(CommandScope.Command) ?? IsLoopback,
        Access.Config => Key?.Allows(CommandScope.Config) ?? false,
        _ => false,
    };
}
