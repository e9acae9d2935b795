namespace Omnisight.Transport.Shm;

/// <summary>Whose regions are read: one's own, root's, and those the configuration names; never one that others may write.</summary>
internal sealed class RegionTrust(IEnumerable<int> trustedUids)
{
    private readonly HashSet<uint> _owners = [0, Native.EffectiveUserId(), .. trustedUids.Select(u => (uint)u)];

    public Rejection Check(in FileFacts facts)
    {
        if (!facts.IsRegular || !_owners.Contains(facts.Owner))
        {
            return new(RejectReason.UnsafeOwner, facts.Owner, Native.EffectiveUserId());
        }

        return facts.OthersCanWrite ? new(RejectReason.UnsafeOwner, Octal(facts.Mode), Octal(0x1A0)) : Rejection.None;
    }

    /// <summary>The mode as people read it: 0640 becomes the number 640.</summary>
    private static ulong Octal(uint mode) => (mode >> 6 & 7) * 100ul + (mode >> 3 & 7) * 10ul + (mode & 7);
}
