using System.Diagnostics;
using System.Text;
using System.Text.Json;
using CsCheck;
using Omnisight.TestKit;
using Omnisight.Transport.Files;
using Omnisight.Transport.Files.Testing;
using Shouldly;
using Xunit;

namespace Omnisight.Transport.JsonFile.Tests;

/// <summary>Documents as others leave them: wrong, foreign, or not to be trusted.</summary>
public sealed class Strict_reading : JsonFileTest
{
    public static TheoryData<string> NotADocument =>
    [
        "", " ", "null", "[]", "[{}]", "1", "{", "{\"a\":", "{\"a\":1}}", "{\"a\":1} {\"b\":2}", "{\"a\":1}x", "{'a':1}", "{\"a\":NaN}", "{\"a\":1,}", "{\"a\":01}",
        "\xef\xbb\xbf{}", "{\"a\":\"\xff\"}", "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":\0}", "{\"epoch\":1,\"epoch\":1}", "{\"a\":\"line\nbreak\"}", "/*c*/{}",
    ];

    [Theory]
    [MemberData(nameof(NotADocument))]
    public async Task What_is_no_document_is_rejected_and_the_last_good_value_stays(string text)
    {
        await using var reader = Transport.OpenReader(Stats);
        Replace("{\"good\":1}");
        var good = (await reader.ReadUntil(ReadStatus.Fresh)).Info;
        Replace(text);
        var (_, info) = await reader.ReadUntil(ReadStatus.Rejected);
        info.Rejection.Reason.ShouldBe(RejectReason.BadJson);
        info.Sequence.ShouldBe(good.Sequence);
        reader.Counters.Rejects(RejectReason.BadJson).ShouldBe(1);
        Replace("{\"good\":2}");
        (await reader.ReadUntil(ReadStatus.Fresh)).Text.ShouldBe("{\"good\":2}");
    }

    /// <summary>The document is as good as ever: it is taken as soon as the process can open it, though nobody writes it again.</summary>
    [Fact]
    [Trait("Category", "Process")]
    public async Task What_could_not_be_opened_for_want_of_a_descriptor_is_looked_at_again()
    {
        using var writer = Peer.Start(Instance, "jsonfile", "publish --count 1");
        await writer.WaitForLine("published first");
        using var reader = Peer.Start(Instance, "jsonfile", "starve");
        (await reader.WaitForLine("then")).ShouldBe(string.Join(", ", Enumerable.Repeat("unreadable: Too many open files", 3)) + "; then Fresh, 1 counted, 0 by the one that had it");
    }

    [Fact]
    public async Task A_million_nested_arrays_are_rejected()
    {
        await using var reader = Transport.OpenReader(Stats);
        Replace("{\"a\":" + new string('[', 1_000_000));
        (await reader.ReadUntil(ReadStatus.Rejected)).Info.Rejection.Reason.ShouldBe(RejectReason.BadJson);
    }

    [Fact]
    public async Task A_document_that_is_too_large_is_not_read()
    {
        await using var reader = Other(new JsonFileOptions { MaxDocumentBytes = 4096 }).OpenReader(Stats);
        Replace("{\"a\":\"" + new string('x', 4096) + "\"}");
        (await reader.ReadUntil(ReadStatus.Rejected)).Info.Rejection.Reason.ShouldBe(RejectReason.TooLarge);
    }

    [Fact]
    public void Any_bytes_are_a_document_or_not_never_thrown_on()
    {
        var noise = Gen.Byte.Array[0, 300];
        var nearJson = Gen.Char["{}[]\",:\\u0e1truefalsn -.\n"].Array[0, 60].Select(c => Encoding.UTF8.GetBytes(c));
        Gen.OneOf(noise, nearJson).Sample(
            bytes =>
            {
                var taken = Envelope.TryRead(bytes, out _);
                var valid = IsObject(bytes);
                // Stricter than the parser in one point alone: an envelope member twice.
                return !taken || valid;
            },
            iter: 50_000);

        static bool IsObject(byte[] bytes)
        {
            try
            {
                using var document = JsonDocument.Parse(bytes);
                return document.RootElement.ValueKind == JsonValueKind.Object;
            }
            catch (JsonException)
            {
                return false;
            }
        }
    }

    [Fact]
    public void Every_value_comes_back_out_of_its_envelope_with_no_member_twice()
    {
        var name = OneOf("epoch", "sequence", "mono_ns", "boot_id", "pid", "start_ticks", "pid_ns", "a", "timestamp", "d\\u0065ep", "\\u0065poch");
        var value = OneOf("1", "\"x\"", "null", "{\"epoch\":5}", "[\"pid\"]", "{ \"deep\" : [ 1 , { } ] }", "\"\\\"epoch\\\":\"");
        var member = Gen.Select(name, value, (n, v) => (Name: n, Value: v));
        member.Array[0, 6].Select(members => members.DistinctBy(m => Unescape(m.Name)).ToArray()).Sample(
            members =>
            {
                var payload = "{ " + string.Join(" ,\n", members.Select(m => $"\"{m.Name}\" : {m.Value}")) + " }";
                var line = Encoding.UTF8.GetString(new EnvelopeWriter(77).Write(Encoding.UTF8.GetBytes(payload), 3, 4));
                using var document = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false });
                var names = document.RootElement.EnumerateObject().Select(p => p.Name).ToHashSet();
                return line.IndexOf('\n') == line.Length - 1
                    && new[] { "epoch", "sequence", "mono_ns", "boot_id", "pid", "start_ticks", "pid_ns" }.All(names.Contains)
                    && members.All(m => JsonElement.DeepEquals(document.RootElement.GetProperty(Unescape(m.Name)), JsonDocument.Parse(m.Value).RootElement));
            },
            iter: 5000);

        static string Unescape(string name) => JsonSerializer.Deserialize($"\"{name}\"", Names.Default.String)!;
    }

    [Fact]
    public async Task A_foreign_writer_is_read_and_its_changes_are_counted()
    {
        await using var reader = Transport.OpenReader(Stats);
        ulong epoch = 0;
        for (var n = 1; n <= 3; n++)
        {
            Replace($"{{\"fps\":{n}}}");
            var (text, info) = await reader.ReadUntil(ReadStatus.Fresh);
            text.ShouldBe($"{{\"fps\":{n}}}");
            info.Sequence.ShouldBe((ulong)n);
            epoch = n == 1 ? info.Epoch : epoch;
            info.Epoch.ShouldBe(epoch);
            info.Epoch.ShouldNotBe(0u);
            info.Age(TimeProvider.System).ShouldBeLessThan(TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public async Task A_foreign_document_is_as_old_as_its_file()
    {
        await using var reader = Transport.OpenReader(Stats);
        Replace("{\"fps\":1}");
        File.SetLastWriteTimeUtc(StatsPath, DateTime.UtcNow.AddHours(-1));
        var (_, info) = await reader.ReadUntil(ReadStatus.Fresh);
        info.Age(TimeProvider.System).ShouldBeGreaterThan(TimeSpan.FromMinutes(59));
        reader.ReadText(out _).ShouldBe(ReadStatus.Stale);
    }

    [Fact]
    public async Task A_document_written_in_place_is_taken_once_it_is_whole()
    {
        await using var reader = Transport.OpenReader(Stats);
        Replace("{\"n\":1}");
        await reader.ReadUntil(ReadStatus.Fresh);
        await using var file = new FileStream(StatsPath, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite);
        await file.WriteAsync("{\"n\":"u8.ToArray());
        await file.FlushAsync();
        await reader.ReadUntil(ReadStatus.Rejected);
        await file.WriteAsync("2}"u8.ToArray());
        await file.FlushAsync();
        (await reader.ReadUntil(ReadStatus.Fresh)).Text.ShouldBe("{\"n\":2}");
    }

    [Fact]
    public async Task A_change_within_one_step_of_the_files_clock_is_not_missed()
    {
        await using var reader = Transport.OpenReader(Stats);
        Replace("{\"n\":1000}");
        await reader.ReadUntil(ReadStatus.Fresh);
        var stamp = File.GetLastWriteTimeUtc(StatsPath);
        for (var n = 1001; n < 1010; n++)
        {
            // Same inode, same size, same time: as two writes between two ticks of a coarse clock leave it.
            await File.WriteAllTextAsync(StatsPath, $"{{\"n\":{n}}}");
            File.SetLastWriteTimeUtc(StatsPath, stamp);
            (await reader.ReadUntil(ReadStatus.Fresh)).Text.ShouldBe($"{{\"n\":{n}}}");
        }
    }

    [Theory]
    [InlineData(0x1B6)]
    [InlineData(0x1B4)]
    public async Task A_document_that_others_may_write_is_not_believed(int mode)
    {
        await using var reader = Transport.OpenReader(Stats);
        Replace("{\"a\":1}"u8, mode);
        (await reader.ReadUntil(ReadStatus.Rejected)).Info.Rejection.Reason.ShouldBe(RejectReason.UnsafeOwner);
    }

    [Fact]
    public async Task A_document_of_another_user_is_not_believed_unless_trusted()
    {
        Root.Require();
        Replace("{\"a\":1}");
        Root.GiveToNobody(StatsPath);
        await using var reader = Transport.OpenReader(Stats);
        (await reader.ReadUntil(ReadStatus.Rejected)).Info.Rejection.Reason.ShouldBe(RejectReason.UnsafeOwner);
        await using var trusting = Other(new JsonFileOptions { TrustedUids = [65534] }).OpenReader(Stats);
        await trusting.ReadUntil(ReadStatus.Fresh);
        var refused = Should.Throw<TransportException>(() => Transport.OpenPublisher(Stats));
        refused.Error.ShouldBe(TransportError.Unsafe);
        refused.Message.ShouldContain("owned by uid 65534");
    }

    [Fact]
    public async Task A_symbolic_link_is_not_followed()
    {
        var target = Instance.FilePath("target.json");
        await File.WriteAllTextAsync(target, "{\"a\":1}");
        File.CreateSymbolicLink(StatsPath, target);
        await using var reader = Transport.OpenReader(Stats);
        (await reader.ReadUntil(ReadStatus.Rejected)).Info.Rejection.Reason.ShouldBe(RejectReason.UnsafeOwner);
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(50))
        {
            reader.ReadText(out _).ShouldBe(ReadStatus.Rejected, "for as long as it is there");
        }

        reader.Counters.Rejects(RejectReason.UnsafeOwner).ShouldBe(1);
        Should.Throw<TransportException>(() => Transport.OpenPublisher(Stats)).Error.ShouldBe(TransportError.Unsafe);
        (await File.ReadAllTextAsync(target)).ShouldBe("{\"a\":1}");
    }

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
