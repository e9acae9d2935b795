using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.Commands;
using Omnisight.Transport.Fifo;

namespace Omnisight.InteropPeer;

/// <summary>A client of commands in C#.</summary>
internal static class CommandPrinter
{
    public static async Task<int> RunAsync(string instance, string directory, string type, string data)
    {
        await using var fifo = new FifoTransport(new PeerContext(instance, directory, new FifoOptions()));
        await using var client = new CommandClient(fifo, fifo, NullLogger.Instance, TimeProvider.System);
        var acknowledgement = await client.SendAsync(type, JsonElement.Parse(data), TimeSpan.FromSeconds(10));
        Console.WriteLine(Encoding.UTF8.GetString(AcknowledgementFormat.Write(acknowledgement)));
        return 0;
    }
}
