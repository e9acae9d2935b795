namespace Omnisight;

/// <summary>What a read met. Only <see cref="Fresh"/> decoded a value; with all others the last good value stays as it is.</summary>
public enum ReadStatus
{
    /// <summary>A value this reader had not seen was decoded.</summary>
    Fresh,

    /// <summary>Nothing new, and what there is is not stale.</summary>
    Unchanged,

    /// <summary>Nothing new for longer than the stale threshold, but the writer lives.</summary>
    Idle,

    /// <summary>Nothing new for longer than the stale threshold, and the writer can't be heard.</summary>
    Stale,

    /// <summary>There is no channel yet, or its writer has not published yet.</summary>
    NotReady,

    /// <summary>The writer closed the channel cleanly.</summary>
    WriterStopped,

    /// <summary>The writer is gone without a goodbye.</summary>
    WriterGone,

    /// <summary>What is there can't be accepted; <see cref="SampleInfo.Rejection"/> says why.</summary>
    Rejected,

    /// <summary>The writer was faster than the bounded retries; try again.</summary>
    Contended,

    /// <summary>The reader was disposed.</summary>
    Closed,
}
