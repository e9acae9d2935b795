using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.Commands;

namespace Omnisight.PeerProcess;

/// <summary><c>send</c>: sends <c>--count</c> commands, <c>--window</c> at a time, and says how many came back with its own data.</summary>
internal static class CommandLoad
{
    public static async Task<int> Run(PeerOptions options)
    {
        await using var transport = CommandCore.Transport(options);
        await using var client = new CommandClient(transport, transport, NullLogger.Instance, TimeProvider.System);
        var count = (int)options.Number("count", 1);
        var type = options.Text("type", "ECHO");
        var timeout = TimeSpan.FromMilliseconds(options.Number("timeout-ms", 60_000));
        int next = 0, right = 0, wrong = 0, lost = 0;
        await Task.WhenAll(Enumerable.Range(0, (int)options.Number("window", 1)).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var n && n <= count)
            {
                var mine = $"{Environment.ProcessId}-{n}";
                var answer = await client.SendAsync(type, JsonElement.Parse($$"""{"mine":"{{mine}}"}"""), timeout);
                if (!answer.Success)
                {
                    Interlocked.Increment(ref lost);
                    Console.WriteLine($"{answer.Code}: {answer.Message}");
                }
                else if (answer.Data.ValueKind == JsonValueKind.Object && answer.Data.GetProperty("mine").GetString() == mine)
                {
                    Interlocked.Increment(ref right);
                }
                else
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        })));
        Console.WriteLine($"right {right} wrong {wrong} lost {lost}");
        return wrong + lost == 0 ? 0 : 1;
    }
}
