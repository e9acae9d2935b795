namespace Omnisight.PeerProcess;

/// <summary>Opens an end and keeps it until its input closes: an inbox, whose address it says, or a reader.</summary>
internal static class HoldLoop
{
    public static async Task<int> Run(PeerOptions options)
    {
        var transport = PeerTransport.Open(options);
        try
        {
            await using var end = options.Word(1) == "inbox" ? ((IInboxTransport)transport).OpenInbox(Exchange.Answers) : transport.OpenReader(Exchange.Requests);
            Console.WriteLine(end is IInbox inbox ? $"holding {inbox.Address}" : "holding");
            await Console.In.ReadToEndAsync();
            return 0;
        }
        catch (TransportException e)
        {
            Console.Error.WriteLine($"{e.Error}: {e.Message}");
            return e.Error switch { TransportError.InUse => 3, TransportError.Unsafe => 4, TransportError.NoSpace => 5, TransportError.Permission => 77, _ => 2 };
        }
    }
}
