using System.Text.Json;

namespace Omnisight.Commands;

/// <summary>What a command line says, or why it is refused. Immutable; holds no part of the line's buffer.</summary>
public sealed class ParsedCommand
{
    internal static readonly byte[] EmptyObject = "{}"u8.ToArray();

    /// <summary>Why the line is refused; null when it is a command.</summary>
    public CommandRefusal? Refusal { get; internal set; }

    /// <summary>The command's type; empty when it could not be read.</summary>
    public string Type { get; internal set; } = "";

    /// <summary>The sender's id of the request; empty when it could not be read.</summary>
    public string RequestId { get; internal set; } = "";

    /// <summary>The inbox to answer to; null = the shared one.</summary>
    public string? ReplyTo { get; internal set; }

    /// <summary>The epoch of the core that the sender means; null = whichever runs.</summary>
    public ulong? Epoch { get; internal set; }

    /// <summary>Unix epoch milliseconds of the sender; 0 when it named none.</summary>
    public long TimestampMs { get; internal set; }

    /// <summary>The sender's key. Never to be logged.</summary>
    internal string? Token { get; set; }

    /// <summary>The arguments as they were sent.</summary>
    internal byte[] DataBytes { get; set; } = EmptyObject;

    /// <summary>The arguments: a JSON object, or Undefined.</summary>
    public JsonElement Data { get; internal set; }

    /// <summary>The command as handlers get it.</summary>
    public Command ToCommand() => new()
    {
        Type = Type,
        RequestId = RequestId,
        TimestampMs = TimestampMs,
        Data = Data,
        ReplyTo = ReplyTo,
        Epoch = Epoch,
    };
}

/// <summary>Why a line is not a command.</summary>
/// <param name="Code"><see cref="CommandCodes.BadJson"/>, <see cref="CommandCodes.BadValue"/> or <see cref="CommandCodes.TooLarge"/>.</param>
/// <param name="Message">In words, for the sender.</param>
public sealed record CommandRefusal(string Code, string Message);
