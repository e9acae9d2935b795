using System.Diagnostics;
using System.IO.Hashing;
using CsCheck;

namespace Omnisight.Messages.Tests;

/// <summary>The frames' checksum is the library's for every length, and what is copied on the way is the part that was asked for and nothing beside it.</summary>
public sealed class FrameChecksumTests
{
    [Fact]
    public void It_is_the_librarys_for_every_length()
    {
        var bytes = new byte[2100];
        new Random(1).NextBytes(bytes);
        for (var length = 0; length <= bytes.Length; length++)
        {
            FrameChecksum.Of(bytes.AsSpan(0, length)).ShouldBe(Crc32.HashToUInt32(bytes.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Any_part_is_copied_and_nothing_beside_it() =>
        Gen.Select(Gen.Byte.Array[0, 1500], Gen.Int[0, 1500], Gen.Int[0, 1500], (bytes, a, b) => (bytes, from: Math.Min(a, b), to: Math.Max(a, b)))
            .Where(sample => sample.to <= sample.bytes.Length)
            .Sample(sample =>
            {
                var (bytes, from, to) = sample;
                var around = new byte[to - from + 64];
                var checksum = FrameChecksum.OfCopy(bytes, from, around.AsSpan(32, to - from));
                return checksum == Crc32.HashToUInt32(bytes)
                    && around.AsSpan(32, to - from).SequenceEqual(bytes.AsSpan(from, to - from))
                    && !around.AsSpan(0, 32).ContainsAnyExcept((byte)0) && !around.AsSpan(around.Length - 32).ContainsAnyExcept((byte)0);
            });

    [Fact]
    public void What_is_filled_behind_a_head_is_whole() =>
        Gen.Select(Gen.Byte.Array[0, 100], Gen.Byte.Array[0, 1500]).Sample((head, bytes) =>
        {
            var frame = new byte[head.Length + bytes.Length + 32];
            head.CopyTo(frame, 0);
            var checksum = FrameChecksum.OfFilled(frame, head.Length, bytes);
            byte[] whole = [.. head, .. bytes];
            return checksum == Crc32.HashToUInt32(whole) && frame.AsSpan().SequenceEqual([.. whole, .. new byte[32]]);
        });

    [Theory]
    [InlineData("DOTNET_EnableAVX512")]
    [InlineData("DOTNET_EnableAVX2")]
    public async Task A_processor_with_less_computes_the_same(string without)
    {
        var start = new ProcessStartInfo(Path.ChangeExtension(typeof(FrameChecksumTests).Assembly.Location, null)) { RedirectStandardOutput = true };
        start.ArgumentList.Add("-method");
        start.ArgumentList.Add("*.It_is_the_librarys_for_every_length");
        start.ArgumentList.Add("-method");
        start.ArgumentList.Add("*.Any_part_is_copied_and_nothing_beside_it");
        start.ArgumentList.Add("-method");
        start.ArgumentList.Add("*.What_is_filled_behind_a_head_is_whole");
        start.Environment[without] = "0";
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        said.ShouldContain("Total: 3, Errors: 0, Failed: 0, Skipped: 0");
    }

    [Fact]
    public void A_frame_that_fails_it_leaves_no_elements_behind()
    {
        var codec = new DetectionCodec();
        var frame = SampleFrames.Detections(20);
        var bytes = codec.Encode(frame, 2, 50);
        bytes[100] ^= 1;
        codec.Decode(bytes, frame).Reason.ShouldBe(RejectReason.Crc);
        frame.Count.ShouldBe(0);
    }
}
