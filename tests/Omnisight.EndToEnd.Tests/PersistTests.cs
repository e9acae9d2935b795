namespace Omnisight.EndToEnd.Tests;

/// <summary>What CONFIG_UPDATE keeps, between real processes: a core that is killed, and a disk that is full.</summary>
[Trait("Category", "Process")]
public sealed class PersistTests : IDisposable
{
    private readonly Installation _installation = new();

    [Fact]
    public async Task What_was_persisted_outlives_the_core_and_a_full_disk_leaves_it_whole()
    {
        Assert.SkipUnless(System.Environment.IsPrivilegedProcess, "needs root, for a disk of its own");
        var configuration = Directory.CreateDirectory(Path.Combine(_installation.Directory, "conf")).FullName;
        await File.WriteAllTextAsync(Path.Combine(configuration, "node.json"), """{"Omnisight":{}}""", TestContext.Current.CancellationToken);
        var core = await _installation.Run("--profile", "core", "--config", Path.Combine(configuration, "node.json"));
        (await Update(0.5)).ShouldSucceed().Output.ShouldContain("changed");
        core.Signal(ChildProcess.SigKill);
        await core.WaitForExit();

        var small = Directory.CreateDirectory(Path.Combine(_installation.Directory, "small")).FullName;
        core = _installation.StartUnder(
            ["unshare", "-m", "sh", "-c", $"mount -t tmpfs -o size=64k tmpfs '{small}' && cp '{configuration}'/* '{small}' && exec \"$@\"", "sh"],
            "--profile", "core", "--config", Path.Combine(small, "node.json"));
        await core.WaitForLine(Installation.Up);
        (await Update(0.5)).ShouldSucceed().Output.ShouldContain("nothing to change", customMessage: "the next core has what was persisted");

        await Inside(core, $"cat /dev/zero > '{small}/fill' || true");
        var refused = await Update(0.6);
        refused.Code.ShouldBe(1, refused.ToString());
        refused.Errors.ShouldContain("persist_failed");
        (await Inside(core, $"cat '{small}/node.local.json'")).ShouldContain("0.5");
        (await Inside(core, $"ls -A '{small}'")).ShouldNotContain(".tmp");
        (await Update(0.5, persist: false)).ShouldSucceed().Output.ShouldContain("nothing to change", customMessage: "what could not be kept is not in force either");

        await Inside(core, $"rm '{small}/fill'; echo half > '{small}/node.local.json.0123456789abcdef0123456789abcdef.tmp'; touch -d '5 minutes ago' '{small}/node.local.json.0123456789abcdef0123456789abcdef.tmp'");
        (await Update(0.6)).ShouldSucceed();
        (await Inside(core, $"cat '{small}/node.local.json'")).ShouldContain("0.6");
        (await Inside(core, $"ls -A '{small}'")).ShouldNotContain(".tmp", customMessage: "what a killed writer left goes with the next change");
    }

    public void Dispose() => _installation.Dispose();

    private Task<Outcome> Update(double threshold, bool persist = true) => _installation.Tool(
        "send", "CONFIG_UPDATE", FormattableString.Invariant($$"""{"module":"perception","config":{"confidence_threshold":{{threshold}}},"persist":{{(persist ? "true" : "false")}}}"""));

    private static async Task<string> Inside(ChildProcess process, string command)
    {
        using var inside = ChildProcess.Start("nsenter", ["-t", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), "-m", "sh", "-c", command]);
        (await inside.WaitForExit()).ShouldBe(0, inside.Transcript());
        return inside.Transcript();
    }
}
