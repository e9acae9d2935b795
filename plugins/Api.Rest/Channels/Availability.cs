namespace Omnisight.Api.Rest.Channels;

/// <summary>What can be said about a channel at one instant.</summary>
/// <param name="Snapshot">The value to serve; null = none, see <paramref name="Code"/>.</param>
/// <param name="Stale">The value is older than its channel's rhythm allows.</param>
/// <param name="Age">The value's age.</param>
/// <param name="Code">Without a value: not_ready, writer_stale, writer_stopped or the reason of a rejection.</param>
/// <param name="Reason">Without a value: why, in words.</param>
internal readonly record struct Availability(Snapshot? Snapshot, bool Stale, TimeSpan Age, string? Code, string? Reason)
{
    public static Availability Of(Snapshot snapshot, bool stale, TimeSpan age) => new(snapshot, stale, age, null, null);

    public static Availability None(string code, string reason) => new(null, true, default, code, reason);
}
