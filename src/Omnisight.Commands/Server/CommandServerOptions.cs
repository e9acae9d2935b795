using System.Security.Cryptography;
using System.Text.Json;

namespace Omnisight.Commands;

/// <summary>How a <see cref="CommandServer"/> behaves. Immutable.</summary>
public sealed record CommandServerOptions
{
    /// <summary>The instance, told by HELLO.</summary>
    public required string Instance { get; init; }

    /// <summary>This start of the core. See <see cref="NewEpoch"/>.</summary>
    public required ulong Epoch { get; init; }

    /// <summary>Commands with effects that are carried out in any one second; 0 = unlimited. PING and HELLO are exempt.</summary>
    public int Rate { get; init; } = 200;

    /// <summary>How long a handler may take before it is answered for: below the seed client's 1 s.</summary>
    public TimeSpan HandlerTimeout { get; init; } = TimeSpan.FromMilliseconds(800);

    /// <summary>The keys that tokens are checked against; null = no token is good for anything.</summary>
    public KeyStore? Keys { get; init; }

    /// <summary>Where commands of scope config and admin, and refused ones, are recorded; null = nowhere.</summary>
    public AuditLog? Audit { get; init; }

    /// <summary>
    /// Can only the owner reach the commands, so that no token is needed? Asked for each command that would need one, since modes change:
    /// <see cref="RuntimeDirectoryOwnership.OwnerIsEnough"/>.
    /// </summary>
    public Func<bool> OwnerIsEnough { get; init; } = static () => false;

    /// <summary>Writes further members of the object that HELLO answers: protocol versions, channels, capacities.</summary>
    public Action<Utf8JsonWriter>? Greeting { get; init; }

    /// <summary>A random epoch below 2^53, so that every JSON reader keeps it exact.</summary>
    public static ulong NewEpoch() =>
        1 + ((ulong)BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) & ((1UL << 53) - 1)) % ((1UL << 53) - 2);
}
