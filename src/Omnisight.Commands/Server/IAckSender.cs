namespace Omnisight.Commands;

/// <summary>Takes acknowledgements to those who asked. Thread-safe; never waits.</summary>
public interface IAckSender
{
    /// <summary>Sends one line to an inbox, or to the shared channel when <paramref name="replyTo"/> is null.</summary>
    PublishResult Send(string? replyTo, ReadOnlySpan<byte> line);

    /// <summary>How many lines were taken as Published to wait for their reader, and then nobody came.</summary>
    long LostLater => 0;
}
