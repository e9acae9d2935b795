using Omnisight.Kernel.Plugins;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Kernel.Tests;

/// <summary>FAULTS 80: what nobody can catch ends the process, and is held against the plugin that threw it.</summary>
[Trait("Category", "Process")]
public sealed class CrashTests
{
    private static readonly string Program = TestPaths.Assembly("tests/Omnisight.NodeProcess");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_the_third_crash_the_plugin_is_not_loaded_and_the_node_runs(bool asyncVoid)
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.RawThread");
        test.Set("Fixtures.RawThread:DelayMs", 50);
        test.Set("Fixtures.RawThread:AsyncVoid", asyncVoid);
        test.Settings();
        for (var crash = 1; crash <= 3; crash++)
        {
            using var dying = ChildProcess.StartDotnet(Program, [test.ConfigurationFile]);
            (await dying.WaitForExit()).ShouldBe(134, dying.Transcript());
            File.ReadAllLines(Path.Combine(test.RuntimeDirectory, test.Instance + "_crashes.ndjson")).Length.ShouldBe(crash);
        }

        using var living = ChildProcess.StartDotnet(Program, [test.ConfigurationFile]);
        var line = await living.WaitForLine("Fixtures.RawThread");
        await living.WaitForLine("started");
        line.ShouldContain("Fixtures.RawThread Disabled");
        line.ShouldContain("brought the process down 3 times within 10 minutes");
        line.ShouldContain("boom");
        living.Output.ShouldContain(l => l.StartsWith("Fixtures.Good Active"));
        living.Input.Close();
        (await living.WaitForExit()).ShouldBe(0);
    }

    [Fact]
    public async Task A_crash_while_the_plugin_is_composed_is_blamed_on_it_too()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.Good", "Fixtures.BadMessage");
        test.Set("Fixtures.BadMessage:Fault", "constructor-thread");
        for (var crash = 1; crash <= 3; crash++)
        {
            test.Settings();
            using var dying = ChildProcess.StartDotnet(Program, [test.ConfigurationFile]);
            (await dying.WaitForExit()).ShouldBe(134, dying.Transcript());
            dying.Output.ShouldNotContain("started");
        }

        var node = await test.StartAsync();
        var bad = node.Plugins.Single(p => p.Id == "Fixtures.BadMessage");
        bad.State.ShouldBe(PluginState.Disabled);
        bad.Reason.ShouldContain("boom in a constructor's thread");
        test.Log.Lines.ShouldContain(l => l.StartsWith("Error") && l.Contains("Fixtures.BadMessage is disabled"));
        await Eventually.Become(() => node.Status == "degraded", "what was chosen and is not there is missed");
        node.Plugins.Single(p => p.Id == "Fixtures.Good").State.ShouldBe(PluginState.Active);
    }

    [Fact]
    public async Task The_process_ends_although_a_module_hangs()
    {
        await using var test = new TestNode("Fixtures.Memory", "Fixtures.HangsAtStop");
        test.Settings();
        using var process = ChildProcess.StartDotnet(Program, [test.ConfigurationFile]);
        await process.WaitForLine("started");
        process.Input.Close();

        (await process.WaitForExit()).ShouldBe(1, "something was left behind");
    }

    [Fact]
    public void Crashes_count_for_ten_minutes()
    {
        using var instance = new TestInstance();
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        var record = new CrashRecord(instance.Directory, instance.Name, time);
        for (var i = 0; i < 3; i++)
        {
            record.WhyNot("A").ShouldBeNull();
            record.Add("A", "Boom: bang");
            record.Add("B", "Boom: bang");
            time.Advance(TimeSpan.FromMinutes(3));
            if (i == 1)
            {
                File.AppendAllText(record.Path, "not json\n");
            }
        }

        record.WhyNot("A")!.ShouldContain("Boom: bang");
        record.WhyNot("C").ShouldBeNull();
        File.GetUnixFileMode(record.Path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        time.Advance(TimeSpan.FromMinutes(2));
        record.WhyNot("A").ShouldBeNull("the first of the three is older than ten minutes");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_step_of_the_clock_neither_forgets_a_crash_nor_keeps_it_for_ever(int hours)
    {
        using var instance = new TestInstance();
        var time = new SteppedTime();
        var record = new CrashRecord(instance.Directory, instance.Name, time);
        record.Add("A", "Boom: bang");
        time.Step = TimeSpan.FromHours(hours);
        record.Add("A", "Boom: bang");
        record.Add("A", "Boom: bang");

        time.Advance(TimeSpan.FromMinutes(9));
        record.WhyNot("A")!.ShouldContain($"after {time.GetUtcNow().AddMinutes(1):HH:mm:ss} UTC");
        new CrashRecord(instance.Directory, instance.Name, time, "another boot").WhyNot("A").ShouldBeNull("the machine was started anew");
        time.Advance(TimeSpan.FromMinutes(2));
        record.WhyNot("A").ShouldBeNull("ten minutes went by");
    }

    /// <summary>A wall clock that somebody sets, beside a monotonic one that nobody can.</summary>
    private sealed class SteppedTime : Microsoft.Extensions.Time.Testing.FakeTimeProvider
    {
        public TimeSpan Step { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Step;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }
}
