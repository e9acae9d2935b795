using System.ComponentModel.DataAnnotations;
using Omnisight;

namespace Acme.UnixSocket;

/// <summary>The section "Acme.UnixSocket" of the configuration.</summary>
public sealed class UnixSocketOptions
{
    /// <summary>How much may wait for one reader before it gets only the newest.</summary>
    [Range(4096, 4194304)]
    [RestartRequired]
    public int SendBufferBytes { get; set; } = 212992;
}
