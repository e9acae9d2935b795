namespace Omnisight.Commands;

/// <summary>What makes two lines the same command: sender, id, type and the very bytes of the arguments.</summary>
internal readonly struct CommandKey(ParsedCommand command) : IEquatable<CommandKey>
{
    private readonly string? _replyTo = command.ReplyTo;
    private readonly string _requestId = command.RequestId;
    private readonly string _type = command.Type;
    private readonly byte[] _data = command.DataBytes;

    public bool Equals(CommandKey other) =>
        _requestId == other._requestId && _replyTo == other._replyTo && _type == other._type && _data.AsSpan().SequenceEqual(other._data);

    public override bool Equals(object? obj) => obj is CommandKey other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_requestId, _replyTo, _type, _data.Length);
}
