using System.Globalization;
using System.Text;

namespace Omnisight.PeerProcess;

/// <summary>Publishes a JSON value of as many bytes as each line of its input says, and says what became of it.</summary>
internal static class ObeyLoop
{
    public static async Task<int> Run(PeerOptions options)
    {
        var transport = PeerTransport.Open(options);
        await using var publisher = transport.OpenPublisher(PeerTransport.Channel(options));
        Console.WriteLine("obeying");
        for (var n = 1; await Console.In.ReadLineAsync() is { } line; n++)
        {
            var value = $"{{\"n\":{n},\"fill\":\"{new string('x', int.Parse(line, CultureInfo.InvariantCulture))}\"}}";
            Console.WriteLine($"{n} {publisher.Publish(Encoding.ASCII.GetBytes(value))} lost={publisher.Counters.Lost}");
        }

        return 0;
    }
}
