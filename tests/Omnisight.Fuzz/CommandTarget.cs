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

    /// <summary>The corpus: commands and acknowledgements of every form, whole and broken. What a run finds is added there once it is mended.</summary>
    public IEnumerable<byte[]> Seeds() => Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "corpus", Name)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

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
