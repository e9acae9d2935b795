using System.Collections.Concurrent;
using Shouldly;

namespace Omnisight.Commands.Tests;

/// <summary>Keeps what a server answers.</summary>
internal sealed class RecordingSender : IAckSender
{
    public ConcurrentQueue<(string? ReplyTo, Acknowledgement Acknowledgement, string Line)> Sent { get; } = new();

    /// <summary>What each send results in.</summary>
    public PublishResult Result { get; set; } = PublishResult.Published;

    /// <summary>Each send throws.</summary>
    public bool Fails { get; set; }

    public Acknowledgement Last => Sent.Last().Acknowledgement;

    public PublishResult Send(string? replyTo, ReadOnlySpan<byte> line)
    {
        if (Fails)
        {
            throw new IOException("the disk is on fire");
        }

        AcknowledgementFormat.TryRead(line, out var acknowledgement).ShouldBeTrue();
        Sent.Enqueue((replyTo, acknowledgement!, System.Text.Encoding.UTF8.GetString(line)));
        return Result;
    }
}
