namespace Omnisight.Transport.Shm;

/// <summary>Which numbers are no news to a reader: within an epoch those up to the last one it was told of, and one that the index named although no slot held it.</summary>
internal readonly record struct SeenFrames(ulong Epoch, ulong Sequence, ulong Unreadable)
{
    /// <summary>Within an epoch numbers only grow: an older one is a damaged index, not news.</summary>
    public bool IsNews(ulong epoch, ulong latest) => latest != 0 && (epoch != Epoch || (latest > Sequence && latest != Unreadable));

    /// <summary>Is there something to read: a frame, or what has become one since its number was found without?</summary>
    public bool IsNewsIn(RegionView view, ulong latest) =>
        IsNews(view.Header.Epoch, latest) || (IsUnreadable(view.Header.Epoch, latest) && view.Ring.TryLook(latest, out _));

    /// <summary>A number without a frame. It says nothing of the frames before it: those that the writer goes on to publish are news.</summary>
    public bool IsUnreadable(ulong epoch, ulong latest) => latest != 0 && latest == Unreadable && epoch == Epoch;

    public SeenFrames WithUnreadable(ulong epoch, ulong latest) => new(epoch, epoch == Epoch ? Sequence : 0, latest);
}
