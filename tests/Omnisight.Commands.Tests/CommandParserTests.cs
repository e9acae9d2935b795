using System.Text;
using CsCheck;
using Omnisight.TestKit;
using Shouldly;
using Xunit;

namespace Omnisight.Commands.Tests;

public sealed class CommandParserTests
{
    [Fact]
    public void A_whole_command_is_read()
    {
        var command = Parse("""{"type":"CONFIG_UPDATE","timestamp":1698765432000,"request_id":"id-1","data":{"module":"api","x":[1,2]},"reply_to":"12-34-ab","token":"omni_1_2","epoch":9007199254740991}""");

        command.Refusal.ShouldBeNull();
        command.Type.ShouldBe("CONFIG_UPDATE");
        command.TimestampMs.ShouldBe(1698765432000);
        command.RequestId.ShouldBe("id-1");
        command.Data.GetProperty("module").GetString().ShouldBe("api");
        command.ReplyTo.ShouldBe("12-34-ab");
        command.Token.ShouldBe("omni_1_2");
        command.Epoch.ShouldBe(9007199254740991ul);
    }

    [Theory]
    [InlineData("""{"type":"PING","request_id":"a"}""")]
    [InlineData("""{"type":"PING","timestamp":1.7e12,"request_id":"a","data":{}}""")]
    [InlineData(""" { "type" : "PING" , "request_id" : "a" , "data" : null, "reply_to":null,"token":null,"epoch":null } """)]
    [InlineData("""{"type":"PING","timestamp":0.5,"request_id":"ü\ud83d\ude00 \\u0000"}""")]
    [InlineData("""{"\u0074ype":"\u0050ING","request_id":"a"}""")]
    public void What_clients_may_write_is_read(string line)
    {
        var command = Parse(line);

        command.Refusal.ShouldBeNull();
        command.Type.ShouldBe("PING");
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("PING", "bare word")]
    [InlineData("[]", "array")]
    [InlineData("null", "null")]
    [InlineData("""{"type":"PING","request_id":"a"}{}""", "trailing object")]
    [InlineData("""{"type":"PING","request_id":"a"} x""", "trailing text")]
    [InlineData("""{"type":"PING","request_id":"a",}""", "trailing comma")]
    [InlineData("""{"type":"PING","request_id":"a"/* */}""", "comment")]
    [InlineData("""{"type":"PING","type":"PING","request_id":"a"}""", "duplicate field")]
    [InlineData("""{"type":"PING","request_id":"a","\u0074ype":"HELLO"}""", "duplicate by escape")]
    [InlineData("""{"type":"PING","request_id":"a","data":{"k":1,"k":2}}""", "duplicate in data")]
    [InlineData("""{"type":"PING","request_id":"a","data":{"deep":{"k":1,"\u006b":2}}}""", "duplicate in depth, by escape")]
    [InlineData("""{"type":"PING","request_id":"a","color":"red"}""", "unknown field")]
    [InlineData("""{"type":"PING","request_id":"a","data":{"x":"\ud800"}}""", "lone high surrogate")]
    [InlineData("""{"type":"PING","request_id":"a","data":{"x":"\udc00\ud800"}}""", "surrogates the wrong way round")]
    [InlineData("""{"type":"PING","request_id":"a","data":{"\udfff":1}}""", "lone surrogate in a name")]
    [InlineData("""{"type":"PING","request_id":"a","\ud800":1}""", "lone surrogate in a field")]
    [InlineData("""{"type":"PING","request_id":"a\u0000"}""", "NUL by escape")]
    [InlineData("{\"type\":\"PING\",\"request_id\":\"a\0\"}", "NUL")]
    [InlineData("\uFEFF{\"type\":\"PING\",\"request_id\":\"a\"}", "byte order mark")]
    public void What_is_not_strict_json_is_bad_json(string line, string why) => Parse(line).Refusal.ShouldNotBeNull(why).Code.ShouldBe("bad_json", why);

    [Theory]
    [InlineData("""{"request_id":"a"}""")]
    [InlineData("""{"type":"PING"}""")]
    [InlineData("""{"type":7,"request_id":"a"}""")]
    [InlineData("""{"type":"","request_id":"a"}""")]
    [InlineData("""{"type":"ping","request_id":"a"}""")]
    [InlineData("""{"type":"PING","request_id":""}""")]
    [InlineData("""{"type":"PING","request_id":5}""")]
    [InlineData("""{"type":"PING","request_id":"a","timestamp":1e400}""")]
    [InlineData("""{"type":"PING","request_id":"a","timestamp":1000000000000000000000000000000}""")]
    [InlineData("""{"type":"PING","request_id":"a","timestamp":-1}""")]
    [InlineData("""{"type":"PING","request_id":"a","timestamp":"now"}""")]
    [InlineData("""{"type":"PING","request_id":"a","data":{"x":[-1e999]}}""")]
    [InlineData("""{"type":"PING","request_id":"a","data":[]}""")]
    [InlineData("""{"type":"PING","request_id":"a","data":"{}"}""")]
    [InlineData("""{"type":"PING","request_id":"a","reply_to":"../escape"}""")]
    [InlineData("""{"type":"PING","request_id":"a","reply_to":"a/b"}""")]
    [InlineData("""{"type":"PING","request_id":"a","reply_to":".."}""")]
    [InlineData("""{"type":"PING","request_id":"a","reply_to":""}""")]
    [InlineData("""{"type":"PING","request_id":"a","epoch":-1}""")]
    [InlineData("""{"type":"PING","request_id":"a","epoch":1.5}""")]
    [InlineData("""{"type":"PING","request_id":"a","token":""}""")]
    public void What_is_outside_its_range_is_bad_value(string line) => Parse(line).Refusal.ShouldNotBeNull().Code.ShouldBe("bad_value");

    [Fact]
    public void Text_that_is_not_utf8_is_bad_json()
    {
        var line = Encoding.UTF8.GetBytes("""{"type":"PING","request_id":"a","data":{"x":"??"}}""");
        foreach (var bytes in new byte[][] { [0xC0, 0x80], [0xFF, 0xFE], [0xED, 0xA0] })
        {
            bytes.CopyTo(line.AsSpan(line.Length - 5));
            CommandParser.Parse(line).Refusal.ShouldNotBeNull().Code.ShouldBe("bad_json");
        }
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(1_000_000)]
    public void A_line_that_is_too_long_is_not_looked_at(int length) =>
        CommandParser.Parse(Encoding.UTF8.GetBytes(new string('[', length))).Refusal.ShouldNotBeNull().Code.ShouldBe("too_large");

    [Theory]
    [InlineData(15, null)]
    [InlineData(16, "bad_json")]
    public void Sixteen_levels_are_read(int inData, string? code)
    {
        var nested = string.Concat(Enumerable.Repeat("{\"a\":", inData)) + "1" + new string('}', inData);

        Parse($$"""{"type":"PING","request_id":"a","data":{{nested}}}""").Refusal?.Code.ShouldBe(code);
        (Parse($$"""{"type":"PING","request_id":"a","data":{{nested}}}""").Refusal is null).ShouldBe(code is null);
    }

    [Fact]
    public void A_thousand_nested_brackets_are_bad_json() => Parse(new string('[', 1000)).Refusal.ShouldNotBeNull().Code.ShouldBe("bad_json");

    [Theory]
    [InlineData("""{"request_id":"me","reply_to":"12-3","type":"PING","color":1}""")]
    [InlineData("""{"color":1,"request_id":"me","reply_to":"12-3","type":"PING"}""")]
    [InlineData("""{"data":{"k":1,"k":1},"request_id":"me","reply_to":"12-3","type":"PING"}""")]
    [InlineData("""{"timestamp":1e400,"request_id":"me","reply_to":"12-3","type":"PING"}""")]
    [InlineData("""{"request_id":"me","reply_to":"12-3","type":"PING"} trailing""")]
    public void Who_sent_a_refused_line_is_still_known(string line)
    {
        var command = Parse(line);

        command.Refusal.ShouldNotBeNull();
        command.RequestId.ShouldBe("me");
        command.ReplyTo.ShouldBe("12-3");
    }

    [Fact]
    public void Every_input_of_the_fuzzers_corpus_is_read_or_refused()
    {
        var corpus = Directory.GetFiles(Path.Combine(TestPaths.Repository, "tests/Omnisight.Fuzz/corpus/commands"));
        corpus.Length.ShouldBeGreaterThan(10);
        foreach (var file in corpus)
        {
            Outcome(File.ReadAllBytes(file));
        }
    }

    [Fact]
    public void Any_bytes_are_read_or_refused() =>
        Gen.Byte.Array[0, 300].Sample(static bytes => Outcome(bytes), iter: 20_000);

    [Fact]
    public void Any_change_to_a_command_is_read_or_refused()
    {
        var command = Encoding.UTF8.GetBytes("""{"type":"CONFIG_UPDATE","timestamp":1698765432000,"request_id":"\ud83d\ude00","data":{"a":{"b":[1,2e3,"x"]}},"reply_to":"12-34-ab","token":"t","epoch":12}""");
        var telling = "\"\\{}[],:u0d8e-1 "u8.ToArray();
        var change = Gen.Select(Gen.Int[0, command.Length - 1], Gen.OneOf(Gen.Byte, Gen.Int[0, telling.Length - 1].Select(i => telling[i])), Gen.Int[0, 3]);
        change.Array[1, 6].Sample(
            changes =>
            {
                var line = new List<byte>(command);
                foreach (var (at, value, kind) in changes)
                {
                    var i = at % Math.Max(1, line.Count);
                    if (line.Count == 0)
                    {
                        break;
                    }

                    switch (kind)
                    {
                        case 0: line[i] = value; break;
                        case 1: line.Insert(i, value); break;
                        case 2: line.RemoveAt(i); break;
                        default: line.RemoveRange(i, line.Count - i - 1); break;
                    }
                }

                Outcome([.. line]);
            },
            iter: 20_000);
    }

    private static void Outcome(byte[] line)
    {
        var command = CommandParser.Parse(line);
        if (command.Refusal is { } refusal)
        {
            refusal.Code.ShouldBeOneOf("bad_json", "bad_value", "too_large");
            return;
        }

        // What is accepted says all that a handler relies on, and survives being written and read again.
        command.Type.ShouldNotBeEmpty();
        command.RequestId.ShouldNotBeEmpty();
        CommandParser.Parse(CommandLine.Write(command.ToCommand(), command.Token)).Refusal.ShouldBeNull();
    }

    private static ParsedCommand Parse(string line) => CommandParser.Parse(Encoding.UTF8.GetBytes(line));
}
