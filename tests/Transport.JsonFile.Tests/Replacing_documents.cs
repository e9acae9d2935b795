using System.Text.Json;
using Omnisight.TestKit;
using Omnisight.Transport.Files.Testing;
using Shouldly;
using Xunit;

namespace Omnisight.Transport.JsonFile.Tests;

public sealed class Replacing_documents : JsonFileTest
{
    [Fact]
    public async Task A_document_carries_its_envelope_beside_the_value()
    {
        await using var publisher = Transport.OpenPublisher(Stats);
        publisher.Publish("{\"timestamp\":1,\"uptime_ms\":2}"u8).ShouldBe(PublishResult.Published);
        using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(StatsPath));
        document.RootElement.EnumerateObject().Select(p => p.Name).ShouldBe(["epoch", "sequence", "mono_ns", "boot_id", "pid", "start_ticks", "pid_ns", "timestamp", "uptime_ms"]);
        document.RootElement.GetProperty("epoch").GetUInt64().ShouldBe(publisher.Epoch);
        document.RootElement.GetProperty("epoch").GetUInt64().ShouldBeLessThan(1UL << 53);
    }

    [Fact]
    public async Task Readers_get_each_change_once_and_count_what_they_missed()
    {
        await using var publisher = Transport.OpenPublisher(Stats);
        await using var reader = Transport.OpenReader(Stats);
        reader.ReadText(out _).ShouldBe(ReadStatus.NotReady);
        publisher.Publish("{\"n\":1}"u8);
        (await reader.ReadUntil(ReadStatus.Fresh)).Info.Sequence.ShouldBe(1u);
        reader.ReadText(out _).ShouldBe(ReadStatus.Unchanged);
        publisher.Publish("{\"n\":2}"u8);
        publisher.Publish("{\"n\":3}"u8);
        var (text, info) = await reader.ReadUntil(ReadStatus.Fresh);
        text.ShouldContain("\"n\":3");
        info.Sequence.ShouldBe(3u);
        info.Missed.ShouldBe(1u);
    }

    [Fact]
    public async Task A_waiting_reader_wakes_for_a_change()
    {
        await using var publisher = Transport.OpenPublisher(Stats);
        await using var reader = Transport.OpenReader(Stats);
        for (var i = 0; i < 5; i++)
        {
            publisher.Publish("{}"u8);
            await reader.WaitAsync(TestContext.Current.CancellationToken);
            await reader.ReadUntil(ReadStatus.Fresh);
        }
    }

    [Fact]
    public async Task A_directory_that_is_removed_and_made_again_is_watched_again()
    {
        await using var reader = Transport.OpenReader(Stats);
        await using (var first = Other(new JsonFileOptions()).OpenPublisher(Stats))
        {
            first.Publish("{\"n\":1}"u8).ShouldBe(PublishResult.Published);
            await Eventually.Become(() => reader.ReadText(out _) == ReadStatus.Fresh, "the first value");
        }

        Directory.Delete(Instance.Directory, recursive: true);
        await Eventually.Become(() => reader.ReadText(out _) == ReadStatus.WriterStopped, "there is nothing any more");
        Directory.CreateDirectory(Instance.Directory);

        await using var second = Other(new JsonFileOptions()).OpenPublisher(Stats);
        for (var n = 2; n < 5; n++)
        {
            var waiting = reader.WaitAsync(CancellationToken.None).AsTask();
            second.Publish("{\"n\":2}"u8).ShouldBe(PublishResult.Published);
            (await waiting.WaitAsync(TimeSpan.FromSeconds(60))).ShouldBeTrue();
            await Eventually.Become(() => reader.ReadText(out _) == ReadStatus.Fresh, "the value of the new directory");
        }
    }

    [Fact]
    public async Task A_second_publisher_is_refused_naming_the_first()
    {
        await using var publisher = Transport.OpenPublisher(Stats);
        var refused = Should.Throw<TransportException>(() => Transport.OpenPublisher(Stats));
        refused.Error.ShouldBe(TransportError.InUse);
        refused.Message.ShouldContain($"channel 'stats' already has a publisher (pid {Environment.ProcessId})");
    }

    [Fact]
    public async Task A_lock_that_is_removed_under_its_owner_is_taken_again_and_keeps_others_out()
    {
        var path = Instance.FilePath($".{Instance.Name}_stats.json.lock");
        await using var publisher = Transport.OpenPublisher(Stats);
        File.Delete(path);
        await Eventually.Become(() => publisher.Publish("{}"u8) == PublishResult.Published && File.Exists(path), "the lock is there again");

        Should.Throw<TransportException>(() => Other(new JsonFileOptions()).OpenPublisher(Stats)).Error.ShouldBe(TransportError.InUse);
    }

    [Fact]
    public async Task Who_was_quicker_to_take_a_removed_lock_keeps_the_document()
    {
        var path = Instance.FilePath($".{Instance.Name}_stats.json.lock");
        var first = Transport.OpenPublisher(Stats);
        first.Publish("{}"u8).ShouldBe(PublishResult.Published);
        File.Delete(path);
        await using var second = Other(new JsonFileOptions()).OpenPublisher(Stats);
        await Eventually.Become(() => first.Publish("{\"by\":1}"u8) == PublishResult.Failed, "the first one is told");
        second.Publish("{\"by\":2}"u8).ShouldBe(PublishResult.Published);
        await first.DisposeAsync();

        File.ReadAllText(StatsPath).ShouldContain("\"by\":2");
        File.Exists(path).ShouldBeTrue();
    }

    [Fact]
    public async Task A_clean_end_is_told_and_leaves_nothing()
    {
        await using var reader = Transport.OpenReader(Stats);
        var publisher = Transport.OpenPublisher(Stats);
        publisher.Publish("{}"u8);
        await reader.ReadUntil(ReadStatus.Fresh);
        await publisher.DisposeAsync();
        reader.ReadText(out _).ShouldBe(ReadStatus.WriterStopped);
        Directory.EnumerateFileSystemEntries(Instance.Directory, "*", new EnumerationOptions { AttributesToSkip = 0 }).ShouldBeEmpty();
    }

    [Fact]
    public async Task Members_that_a_value_has_itself_are_not_written_twice()
    {
        await using var publisher = Transport.OpenPublisher(Stats);
        publisher.Publish("{\"epoch\":7,\"pid\":1,\"boot_id\":\"x\"}"u8).ShouldBe(PublishResult.Published);
        var text = await File.ReadAllTextAsync(StatsPath);
        using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
        document.RootElement.GetProperty("epoch").GetInt32().ShouldBe(7);
        document.RootElement.GetProperty("sequence").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task A_reader_without_notification_still_wakes()
    {
        await using var reader = Other(new JsonFileOptions { Notify = false }).OpenReader(Stats);
        await using var publisher = Transport.OpenPublisher(Stats);
        publisher.Publish("{}"u8);
        await Eventually.Become(async () => { await reader.WaitAsync(CancellationToken.None); return reader.ReadText(out _) == ReadStatus.Fresh; }, "the value is found");
    }

    [Fact]
    public async Task The_document_and_its_lock_have_the_modes_that_are_said()
    {
        await using var publisher = Transport.OpenPublisher(Stats);
        publisher.Publish("{}"u8);
        File.GetUnixFileMode(StatsPath).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        File.GetUnixFileMode(Instance.FilePath($".{Instance.Name}_stats.json.lock")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void A_stream_channel_is_not_for_files()
    {
        var refused = Should.Throw<TransportException>(() => Transport.OpenReader(Stats with { Delivery = Delivery.Stream }));
        refused.Error.ShouldBe(TransportError.NotSupported);
    }

    [Fact]
    public async Task A_value_that_is_no_object_is_the_callers_mistake()
    {
        await using var publisher = Transport.OpenPublisher(Stats);
        Should.Throw<ArgumentException>(() => publisher.Publish("[1]"u8));
        File.Exists(StatsPath).ShouldBeFalse();
    }

    [Fact]
    public void The_manifest_describes_the_options() => ManifestChecks.ShouldDescribe<JsonFileOptions>("Transport.JsonFile");

    [Fact]
    public void Every_point_of_death_has_a_test() => FaultPoints.ShouldAllBeTested("Transport.JsonFile");

    [Fact]
    public async Task Files_of_the_instance_that_are_no_channels_are_not_listed()
    {
        await File.WriteAllTextAsync(Instance.FilePath($"{Instance.Name}_keys.json"), "{\"keys\":[]}");
        await using var publisher = Transport.OpenPublisher(Stats);
        publisher.Publish("{}"u8);
        Transport.ListChannels().ShouldHaveSingleItem().Name.ShouldBe("stats");
    }

    [Fact]
    public async Task A_listing_follows_documents_that_change_go_and_come_back()
    {
        await using var publisher = Transport.OpenPublisher(Stats);
        publisher.Publish("{\"a\":1}"u8);
        var first = Transport.ListChannels().ShouldHaveSingleItem();
        Transport.ListChannels().ShouldHaveSingleItem().ShouldBe(first, "nothing changed");
        publisher.Publish("{\"a\":22}"u8);
        var second = Transport.ListChannels().ShouldHaveSingleItem();
        (second.Sequence, second.TotalBytes).ShouldBe((first.Sequence + 1, first.TotalBytes + 1));
        await File.WriteAllTextAsync(StatsPath, "{\"a\":");
        Transport.ListChannels().ShouldHaveSingleItem().State.ShouldBe("bad_json");
        File.Delete(StatsPath);
        Transport.ListChannels().ShouldBeEmpty();
        publisher.Publish("{}"u8);
        Transport.ListChannels().ShouldHaveSingleItem().State.ShouldBe("live");
    }
}
