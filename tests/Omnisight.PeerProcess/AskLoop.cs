namespace Omnisight.PeerProcess;

/// <summary>Sends numbered requests, a few at a time, and waits for the answer to each in an inbox of its own.</summary>
internal sealed class AskLoop : IPayloadDecoder
{
    private const int InFlight = 32;
    private readonly int _sender;
    private long _answers, _foreign, _bad, _disorder;

    private AskLoop(int sender) => _sender = sender;

    public static async Task<int> Run(PeerOptions options)
    {
        var transport = (IInboxTransport)PeerTransport.Open(options);
        await using var publisher = transport.OpenPublisher(Exchange.Requests);
        await using var inbox = transport.OpenInbox(Exchange.Answers);
        var loop = new AskLoop((int)options.Number("sender", 1));
        var count = options.Number("count", 10_000);
        var patience = TimeSpan.FromSeconds(30);
        for (var n = 0L; n < count; n++)
        {
            await Exchange.Insist(() => publisher.Publish(Exchange.Request(loop._sender, n, inbox.Address)));
            await loop.Take(inbox, n + 1 - InFlight, patience);
        }

        await loop.Take(inbox, count, patience);
        Console.WriteLine($"{{\"sent\":{count},\"answers\":{loop._answers},\"foreign\":{loop._foreign},\"bad\":{loop._bad},\"disorder\":{loop._disorder},\"lost\":{count - loop._answers}}}");
        return 0;
    }

    public Rejection Decode(ReadOnlySpan<byte> payload)
    {
        if (!Exchange.TryRead(payload, out var sender, out var number, out _))
        {
            _bad++;
            return Rejection.None;
        }

        _foreign += sender == _sender ? 0 : 1;
        _disorder += number == _answers ? 0 : 1;
        _answers++;
        return Rejection.None;
    }

    private async Task Take(IInbox inbox, long until, TimeSpan patience)
    {
        using var late = new CancellationTokenSource(patience);
        try
        {
            while (true)
            {
                while (inbox.Read(this, out _) is ReadStatus.Fresh or ReadStatus.Rejected)
                {
                }

                if (_answers >= until)
                {
                    return;
                }

                await inbox.WaitAsync(late.Token);
            }
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine($"waited in vain for answer {until}; had {_answers}");
        }
    }
}
