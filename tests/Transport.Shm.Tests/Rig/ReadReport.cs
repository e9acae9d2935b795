using System.Text.Json;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>The one line in which a reading peer, of whatever language, says what it met.</summary>
internal sealed record ReadReport(long Fresh, long Bad, long Backward, long Mismatch, long Torn, long StuckMs)
{
    public static async Task<ReadReport> Of(ChildProcess peer)
    {
        using var json = JsonDocument.Parse(await peer.WaitForLine("\"fresh\":"));
        long Number(string name) => json.RootElement.GetProperty(name).GetInt64();
        return new(Number("fresh"), Number("bad"), Number("backward"), Number("mismatch"), Number("torn"), Number("stuck_ms"));
    }

    /// <summary>What no reader may ever meet.</summary>
    public void ShouldBeFlawless(string who)
    {
        Bad.ShouldBe(0, $"{who}: torn frames that passed");
        Backward.ShouldBe(0, $"{who}: numbers that went back");
        Mismatch.ShouldBe(0, $"{who}: frames under another's number");
        Fresh.ShouldBeGreaterThan(0, $"{who} read nothing");
    }
}
