namespace Omnisight.PeerProcess;

/// <summary>Answers each request to its sender's inbox until its input closes, and says what it met.</summary>
internal sealed class AnswerLoop : IPayloadDecoder
{
    private readonly IInboxTransport _transport;
    private long _lines, _bad, _answered, _dropped, _tooLarge;

    private AnswerLoop(IInboxTransport transport) => _transport = transport;

    public static async Task<int> Run(PeerOptions options)
    {
        var transport = (IInboxTransport)PeerTransport.Open(options);
        var loop = new AnswerLoop(transport);
        await using var shared = transport.OpenPublisher(Exchange.Answers);
        await using var reader = transport.OpenReader(Exchange.Requests);
        Console.WriteLine("answering");
        var ended = Task.Run(() => Console.In.ReadToEndAsync());
        while (!ended.IsCompleted)
        {
            loop.Drain(reader);
            await reader.WaitAsync(CancellationToken.None);
        }

        loop.Drain(reader);
        Console.WriteLine($"{{\"lines\":{loop._lines},\"bad\":{loop._bad},\"answered\":{loop._answered},\"dropped\":{loop._dropped},\"too_large\":{loop._tooLarge}}}");
        return 0;
    }

    public Rejection Decode(ReadOnlySpan<byte> payload)
    {
        _lines++;
        if (!Exchange.TryRead(payload, out _, out _, out var replyTo))
        {
            _bad++;
        }
        else if (replyTo is not null)
        {
            if (_transport.Send(Exchange.Answers, replyTo, payload) == PublishResult.Published)
            {
                _answered++;
            }
            else
            {
                _dropped++;
            }
        }

        return Rejection.None;
    }

    private void Drain(IReader reader)
    {
        ReadStatus status;
        while ((status = reader.Read(this, out var info)) is ReadStatus.Fresh or ReadStatus.Rejected)
        {
            _tooLarge += status == ReadStatus.Rejected && info.Rejection.Reason == RejectReason.TooLarge ? 1 : 0;
        }
    }
}
