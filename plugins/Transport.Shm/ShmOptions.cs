using System.ComponentModel.DataAnnotations;

namespace Omnisight.Transport.Shm;

/// <summary>Configuration of the transport, section <c>Transport.Shm</c>.</summary>
public sealed class ShmOptions
{
    /// <summary>Frames kept per channel: 2 is the classic double buffer; more let a slow reader finish.</summary>
    [Range(RegionLayout.MinSlots, RegionLayout.MaxSlots), RestartRequired]
    public int Slots { get; set; } = 4;

    /// <summary>Payload version to write: 1 for readers built on the fixed structs, 2 otherwise.</summary>
    [Range(1, 2), RestartRequired]
    public int Protocol { get; set; } = 2;

    /// <summary><c>safe</c> copies with pread and survives a damaged region; <c>map</c> decodes in place and offers leases, for writers that are trusted.</summary>
    [AllowedValues("safe", "map"), RestartRequired]
    public string ReadMode { get; set; } = "safe";

    /// <summary>Channels that are read in map mode whatever <see cref="ReadMode"/> says (video).</summary>
    [RestartRequired]
    public string[] MapChannels { get; set; } = [];

    /// <summary>User ids, besides one's own and root, whose regions are read.</summary>
    [RestartRequired]
    public int[] TrustedUids { get; set; } = [];

    /// <summary>Post the named semaphores <c>/INSTANCE_frame_ready</c>, <c>_tracks_ready</c>, <c>_timelines_ready</c> for clients that wait on them.</summary>
    [RestartRequired]
    public bool NamedSemaphores { get; set; } = true;

    /// <summary>Microseconds that a blocking wait looks before it sleeps. Costs a core; 0 = sleep at once.</summary>
    [Range(0, 1000), RestartRequired]
    public int SpinMicroseconds { get; set; }

    /// <summary>
    /// A thread that calls <see cref="IBlockingReader.Wait"/> is made to ask for time slices of 0.1 ms, so that a wake lets it run at once, also on the publisher's core (Linux 6.12).
    /// The shared thread of asynchronous waits always does.
    /// </summary>
    [RestartRequired]
    public bool ShortSlices { get; set; }

    /// <summary>Where regions lie: a tmpfs that all processes of the instance see.</summary>
    [RestartRequired]
    public string Directory { get; set; } = "/dev/shm";
}
