namespace Omnisight.PeerProcess;

/// <summary>Reads a value, lets it rest, and then reads it again and again between two marks that a trace of system calls shows.</summary>
internal static class LookLoop
{
    public static async Task<int> Run(PeerOptions options)
    {
        var transport = PeerTransport.Open(options);
        await using var reader = transport.OpenReader(PeerTransport.Channel(options));
        var decoder = new StressDecoder(reader.Encoding);
        while (reader.Read(decoder, out _) != ReadStatus.Fresh)
        {
            await Task.Delay(1);
        }

        // Past the time in which a file's stamp could hide a second change.
        await Task.Delay(TimeSpan.FromMilliseconds(options.Number("rest-ms", 100)));
        _ = reader.Read(decoder, out _);
        var counts = new long[Enum.GetValues<ReadStatus>().Length];
        Look(reader, decoder, 100, counts);
        Array.Clear(counts);
        File.Exists("/omnisight-begin");
        Look(reader, decoder, options.Number("count", 1000), counts);
        File.Exists("/omnisight-end");
        Console.WriteLine(string.Join(' ', counts.Select((n, i) => $"{(ReadStatus)i}={n}").Where(t => !t.EndsWith("=0", StringComparison.Ordinal))));
        return 0;
    }

    private static void Look(IReader reader, StressDecoder decoder, long times, long[] counts)
    {
        for (var i = 0L; i < times; i++)
        {
            counts[(int)reader.Read(decoder, out _)]++;
        }
    }
}
