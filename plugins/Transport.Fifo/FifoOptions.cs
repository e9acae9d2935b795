using System.ComponentModel.DataAnnotations;

namespace Omnisight.Transport.Fifo;

/// <summary>Options of the FIFO transport. The ranges of durations are in the manifest: their attribute is not safe to trim.</summary>
public sealed class FifoOptions
{
    /// <summary>The longest line of a channel with a single writer, in bytes with its line break. Lines of many writers are at most 4,096 B (PIPE_BUF).</summary>
    [RestartRequired]
    [Range(4096, 4 * 1024 * 1024)]
    public int MaxLineBytes { get; set; } = 256 * 1024;

    /// <summary>A line that was begun and not ended is dropped after this time.</summary>
    public TimeSpan HalfLineTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>An inbox that nobody locks or reads is removed when it is older than this.</summary>
    public TimeSpan InboxSweepAge { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Room in the pipe of a FIFO that this process reads, in bytes, as far as the system grants it.</summary>
    [RestartRequired]
    [Range(4096, 1024 * 1024)]
    public int PipeBytes { get; set; } = 256 * 1024;

    /// <summary>A group (name or number) whose members may write commands; empty = this user alone.</summary>
    [RestartRequired]
    public string Group { get; set; } = "";

    /// <summary>Users, besides this one, root and the owner of the runtime directory, whose FIFOs are written to.</summary>
    [RestartRequired]
    public int[] TrustedUids { get; set; } = [];

    /// <summary>Read although another process reads the FIFO: each line then reaches one of the two.</summary>
    [RestartRequired]
    public bool Steal { get; set; }
}
