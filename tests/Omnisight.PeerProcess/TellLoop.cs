namespace Omnisight.PeerProcess;

/// <summary>Sends numbered requests that want no answer.</summary>
internal static class TellLoop
{
    public static async Task<int> Run(PeerOptions options)
    {
        var transport = PeerTransport.Open(options);
        await using var publisher = transport.OpenPublisher(Exchange.Requests);
        var sender = (int)options.Number("sender", 1);
        var count = options.Number("count", 10_000);
        for (var n = 0L; n < count; n++)
        {
            await Exchange.Insist(() => publisher.Publish(Exchange.Request(sender, n, null)));
        }

        Console.WriteLine($"sent {count}");
        return 0;
    }
}
