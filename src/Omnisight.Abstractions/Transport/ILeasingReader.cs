namespace Omnisight;

/// <summary>A reader that can show a payload where it lies, without a copy.</summary>
public interface ILeasingReader : IReader
{
    /// <summary>
    /// Leases the newest value. Fresh, or Unchanged when it is the one leased before (its lease is given again); else a lease without bytes, whose
    /// <see cref="Lease.Info"/> says where the last value stands, and on Rejected why.
    /// </summary>
    ReadStatus TryLease(out Lease lease);

    /// <summary>Called by <see cref="Lease.Validate"/>: is the leased value still whole?</summary>
    bool ValidateLease(ulong sequence);
}

/// <summary>A payload in the transport's memory. Valid until the next call on its reader, and only as long as <see cref="Validate"/> says so.</summary>
public readonly ref struct Lease
{
    private readonly ILeasingReader _owner;

    /// <summary>Made by a reader.</summary>
    public Lease(ILeasingReader owner, ReadOnlySpan<byte> payload, scoped in SampleInfo info)
    {
        _owner = owner;
        Payload = payload;
        Info = info;
    }

    /// <summary>The bytes; the writer may take them away at any time, so validate after use.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Epoch, sequence, time.</summary>
    public SampleInfo Info { get; }

    /// <summary>True when nothing that was read from <see cref="Payload"/> so far was overwritten.</summary>
    public bool Validate() => _owner.ValidateLease(Info.Sequence);
}
