using System.Runtime.InteropServices;

namespace Omnisight.PeerProcess;

/// <summary>
/// Meets a value for the first time while the process may open nothing, and again when it may, beside a reader that has just had it. The runtime itself needs descriptors for new threads and code, so
/// everything has run before, and it is over within a second.
/// </summary>
internal static partial class StarveLoop
{
    private const int DescriptorLimit = 7;
    private const int Looks = 3;

    /// <summary>Longer than any reader rests between two looks at what it could not open, or could not believe, the first times.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(210);

    /// <summary>Rests on this thread: a timer could need one of its own.</summary>
    private static readonly ManualResetEventSlim Never = new();

    public static async Task<int> Run(PeerOptions options)
    {
        var transport = PeerTransport.Open(options);
        var channel = PeerTransport.Channel(options);
        await using var other = transport.OpenReader(channel);
        _ = ReadUntilFresh(other);
        await using var reader = transport.OpenReader(channel);
        var decoder = new StressDecoder(reader.Encoding);
        var seen = new Rejection[Looks];
        Limits usual = default;
        Require(GetLimit(DescriptorLimit, ref usual));
        Require(SetLimit(DescriptorLimit, usual with { Current = 0 }));
        for (var look = 0; look < Looks; look++)
        {
            _ = reader.Read(decoder, out var info);
            seen[look] = info.Rejection;
            _ = other.Read(decoder, out _);
            _ = Never.Wait(Rest);
        }

        Require(SetLimit(DescriptorLimit, usual));
        var fresh = ReadUntilFresh(reader);
        Console.WriteLine($"{string.Join(", ", seen)}; then {fresh}, {reader.Counters.TotalRejects} counted, {other.Counters.TotalRejects} by the one that had it");
        return 0;
    }

    private static ReadStatus ReadUntilFresh(IReader reader)
    {
        var decoder = new StressDecoder(reader.Encoding);
        var status = reader.Read(decoder, out _);
        for (var i = 0; i < 500 && status != ReadStatus.Fresh; i++)
        {
            _ = Never.Wait(10);
            status = reader.Read(decoder, out _);
        }

        return status;
    }

    private static void Require(int result)
    {
        if (result != 0)
        {
            throw new InvalidOperationException(Marshal.GetLastPInvokeErrorMessage());
        }
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, ref Limits limits);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, in Limits limits);

    /// <summary>struct rlimit.</summary>
    private record struct Limits(nuint Current, nuint Most);
}
