using System.Text;
using CsCheck;
using Shouldly;
using Xunit;

namespace Omnisight.Transport.Fifo.Tests;

public sealed class LineSplitterProperties
{
    private const int Limit = 12;

    private static readonly Gen<byte[]> AnyBytes = Gen.Frequency((1, Gen.Const((byte)'\n')), (6, Gen.Byte[(byte)'a', (byte)'z'])).Array[0, 400];

    [Fact]
    public void Every_chunking_gives_the_same_lines()
    {
        Gen.Select(AnyBytes, Gen.Int[1, 40].Array[1, 50]).Sample((bytes, chunks) => Split(bytes, chunks).SequenceEqual(Reference(bytes)), iter: 20_000);
    }

    [Fact]
    public void Every_chunking_of_long_lines_gives_the_same_lines()
    {
        var lines = Gen.Int[0, 9000].Array[1, 6];
        Gen.Select(lines, Gen.Int[1, 6000].Array[1, 20]).Sample(
            (lengths, chunks) =>
            {
                var bytes = Encoding.ASCII.GetBytes(string.Concat(lengths.Select((n, i) => new string((char)('a' + i), n) + "\n")));
                return Split(bytes, chunks, 4096).SequenceEqual(Reference(bytes, 4096));
            },
            iter: 2000);
    }

    [Fact]
    public void Any_bytes_are_lines_or_refused_never_thrown_on()
    {
        Gen.Select(Gen.Byte.Array[0, 2000], Gen.Int[1, 300].Array[1, 30]).Sample((bytes, chunks) => Split(bytes, chunks).SequenceEqual(Reference(bytes)), iter: 5000);
    }

    [Fact]
    public void The_longest_line_passes_and_one_byte_more_does_not()
    {
        Split(Encoding.ASCII.GetBytes(new string('x', Limit - 1) + "\n" + new string('y', Limit) + "\nz\n"), [3])
            .ShouldBe([new string('x', Limit - 1), $"too long: {Limit + 1}", "z"]);
    }

    [Fact]
    public void A_dropped_half_line_leaves_the_next_line_whole()
    {
        var splitter = new LineSplitter(Limit);
        Feed(splitter, "half");
        splitter.TryTake(out _, out _).ShouldBe(LineOutcome.None);
        splitter.PartialBytes.ShouldBe(4);
        splitter.DropPartial().ShouldBe((4, false));
        Feed(splitter, "whole\n");
        splitter.TryTake(out var line, out _).ShouldBe(LineOutcome.Line);
        Encoding.ASCII.GetString(line).ShouldBe("whole");
    }

    private static List<string> Split(byte[] bytes, int[] chunks, int limit = Limit)
    {
        var splitter = new LineSplitter(limit);
        var found = new List<string>();
        for (int at = 0, i = 0; at < bytes.Length; i++)
        {
            var free = splitter.Free;
            var count = Math.Min(Math.Min(chunks[i % chunks.Length], bytes.Length - at), free.Length);
            bytes.AsSpan(at, count).CopyTo(free);
            splitter.Commit(count);
            at += count;
            LineOutcome outcome;
            while ((outcome = splitter.TryTake(out var line, out var length)) != LineOutcome.None)
            {
                found.Add(outcome == LineOutcome.Line ? Encoding.Latin1.GetString(line) : $"too long: {length}");
            }
        }

        return found;
    }

    private static IEnumerable<string> Reference(byte[] bytes, int limit = Limit)
    {
        var lines = Encoding.Latin1.GetString(bytes).Split('\n');
        return lines.SkipLast(1).Select(line => line.Length + 1 > limit ? $"too long: {line.Length + 1}" : line);
    }

    private static void Feed(LineSplitter splitter, string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        bytes.CopyTo(splitter.Free);
        splitter.Commit(bytes.Length);
    }
}
