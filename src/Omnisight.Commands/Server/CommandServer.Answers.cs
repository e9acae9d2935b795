namespace Omnisight.Commands;

/// <summary>What a server says: to the sender of a command, and to the audit log.</summary>
public sealed partial class CommandServer
{
    private void RefuseForRate(ParsedCommand command) =>
        Refuse(command, CommandCodes.RateLimited, $"more than {Options.Rate} commands in a second (Commands:Rate); send it again later");

    private void Refuse(ParsedCommand command, string code, string message) => Refuse(command.ReplyTo, command.RequestId, command.Type, code, message);

    private void Refuse(string? replyTo, string requestId, string type, string code, string message)
    {
        Counters.CountReject(code);
        _rejectLog.Rejected(code, type, message);
        Send(replyTo, AcknowledgementFormat.Write(new Acknowledgement
        {
            RequestId = requestId,
            Success = false,
            Message = message,
            Code = code,
            TimestampMs = NowMs(),
        }));
    }

    private Acknowledgement Answer(ParsedCommand command, CommandResult result) => new()
    {
        RequestId = command.RequestId,
        Success = result.Success,
        Message = result.Message,
        Code = result.Code,
        Data = result.Data,
        TimestampMs = NowMs(),
    };

    private void Send(string? replyTo, ReadOnlySpan<byte> acknowledgement)
    {
        PublishResult result;
        try
        {
            result = _acks.Send(replyTo, acknowledgement);
        }
        catch (Exception e)
        {
            // On a handler's queue it would end the queue.
            CommandLog.LineFailed(_logger, e);
            result = PublishResult.Failed;
        }

        if (result != PublishResult.Published)
        {
            Counters.CountAckDropped();
            _rejectLog.AckDropped(replyTo, result);
        }
    }

    /// <summary>What was done is in the words of its handler, who keeps values out of them; what was refused may quote what was sent, and is left out.</summary>
    private void Audit(ParsedCommand command, string? keyId, string outcome, string? done = null) =>
        Options.Audit?.Write(new AuditEntry
        {
            Source = "command",
            Action = command.Type,
            Outcome = outcome,
            KeyId = keyId,
            RequestId = command.RequestId,
            ReplyTo = command.ReplyTo,
            Detail = done,
        });

    private long NowMs() => Time.GetUtcNow().ToUnixTimeMilliseconds();
}
