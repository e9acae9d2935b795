namespace Omnisight.TransportConformance;

/// <summary>
/// What a transport promises beyond <see cref="ITransport"/>. A test class states it once; the suite tests exactly that, and that the transport
/// has neither more nor less where a trait or an interface shows it.
/// </summary>
[Flags]
public enum TransportCapabilities
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It carries Latest channels (<see cref="TransportTraits.Latest"/>).</summary>
    Latest = 1,

    /// <summary>It carries Stream channels (<see cref="TransportTraits.Stream"/>).</summary>
    Stream = 2,

    /// <summary>Readers of Latest channels learn epoch and sequence (<see cref="TransportTraits.Sequenced"/>).</summary>
    Sequenced = 4,

    /// <summary>A reader that comes late gets the newest value of a Latest channel.</summary>
    Retains = 8,

    /// <summary>Readers of a Latest channel are told when its publisher closes.</summary>
    TellsStop = 16,

    /// <summary>A reader that expects another message is told so.</summary>
    ChecksMessage = 32,

    /// <summary>Publishing and reading allocate nothing in steady state.</summary>
    AllocationFree = 64,

    /// <summary>Publishers of Latest channels are <see cref="ILoaningPublisher"/>.</summary>
    Loans = 128,

    /// <summary>Readers of Latest channels are <see cref="ILeasingReader"/>.</summary>
    Leases = 256,

    /// <summary>Readers are <see cref="IBlockingReader"/>.</summary>
    Blocks = 512,

    /// <summary>It is an <see cref="IInboxTransport"/>.</summary>
    Inboxes = 1024,

    /// <summary>It is an <see cref="IChannelDirectory"/>.</summary>
    Lists = 2048,
}
