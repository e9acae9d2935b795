using System.Text;
using Omnisight.Commands;

namespace Omnisight.Fuzz;

/// <summary>The parser of command lines and that of acknowledgements; what the first accepts must survive being written and read again.</summary>
internal sealed class CommandTarget : IFuzzTarget
{
    public string Name => "commands";

    public void Run(ReadOnlySpan<byte> input)
    {
        var command = CommandParser.Parse(input);
        if (command.Refusal is null)
        {
            RequireSame(command);
        }
        else if (command.Refusal.Code is not (CommandCodes.BadJson or CommandCodes.BadValue or CommandCodes.TooLarge))
        {
            throw new InvalidOperationException($"refused as {command.Refusal.Code}");
        }

        if (AcknowledgementFormat.TryRead(input, out var acknowledgement) && !AcknowledgementFormat.TryRead(AcknowledgementFormat.Write(acknowledgement), out _))
        {
            throw new InvalidOperationException("an acknowledgement that was read can't be read again");
        }
    }

    public IEnumerable<byte[]> Seeds() => ((string[])
    [
        """{"type":"PING","timestamp":1698765432000,"request_id":"uuid-string","data":{}}""",
        """{"type":"CONFIG_UPDATE","timestamp":1.5e12,"request_id":"a-1","data":{"module":"perception","config":{"confidence_threshold":0.7,"names":["\u00fc","\ud83d\ude00"]}},"reply_to":"12-34-ab","token":"omni_0a1b2c3d_x","epoch":9007199254740991}""",
        """{"request_id":"\\\"\/\b\f\n\r\t","type":"HELLO","data":{"1":{"2":{"3":{"4":{"5":{"6":{"7":{"8":{"9":{"10":[[[]]]}}}}}}}}}}}""",
        """{"type":"X.Y_9","request_id":"r","data":{"n":[-0,1e-300,-1.5E+10,9007199254740993,true,false,null]}}""",
        """{"type":"PING","request_id":"a","request_id":"a"}""",
        """{"type":"PING","request_id":"\ud800"}""",
        """{"type":"PING","request_id":"a","timestamp":1e400}""",
        """{"request_id":"uuid-string","status":"success","timestamp":1698765432100,"message":"pong"}""",
        """{"request_id":"r","status":"error","timestamp":1,"message":"no","code":"bad_value","data":{"errors":{"k":"m"}}}""",
    ]).Select(Encoding.UTF8.GetBytes);

    private static void RequireSame(ParsedCommand command)
    {
        // Escapes may become longer on the way: only a line that still fits has to be read again.
        var line = CommandLine.Write(command.ToCommand());
        if (line.Length > CommandChannels.MaxCommandBytes)
        {
            return;
        }

        var again = CommandParser.Parse(line);
        if (again.Refusal is not null || again.Type != command.Type || again.RequestId != command.RequestId || again.ReplyTo != command.ReplyTo
            || again.Epoch != command.Epoch || again.TimestampMs != command.TimestampMs)
        {
            throw new InvalidOperationException($"what was accepted reads differently when it is written again: {again.Refusal}");
        }
    }
}
