namespace Omnisight.Transport.Shm.Tests;

/// <summary>The named crash points, and which test reaches each. The list is compared with the source.</summary>
internal static class FaultPoints
{
    /// <summary>Before the region can be seen: a crash leaves nothing but a temporary.</summary>
    public static readonly string[] BeforeSeen = ["lock.taken", "create.opened", "create.before_rename"];

    /// <summary>While frame n is being written: readers keep frame n-1.</summary>
    public static readonly string[] WhileWriting = ["slot.odd", "slot.half_copy", "slot.before_even", "before_latest"];

    /// <summary>Frame n lies filled in its loan, which is not given back yet.</summary>
    public const string LoanFilled = "loan.filled";

    /// <summary>The places of a publish that a loan passes as well, and its own: it is filled where a copy would be made.</summary>
    public static readonly string[] InsideALoan = ["slot.odd", LoanFilled, "slot.before_even", "before_latest"];

    /// <summary>Frame n is there, nobody was woken.</summary>
    public const string BeforeWake = "before_wake";

    /// <summary>The region stands, without a frame.</summary>
    public const string Renamed = "create.renamed";

    /// <summary>The removed region was made anew, the old one is not closed yet.</summary>
    public const string Mended = "mend.swapped";

    /// <summary>Closed, the name still there.</summary>
    public const string Closing = "close.before_unlink";

    /// <summary>A reader that has looked and found nothing, and does not sleep yet.</summary>
    public const string BeforeSleep = "wait.before_sleep";

    public static IEnumerable<string> All => [.. BeforeSeen, .. WhileWriting, LoanFilled, BeforeWake, Renamed, Mended, Closing, BeforeSleep];
}
