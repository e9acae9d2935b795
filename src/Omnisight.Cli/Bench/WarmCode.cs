using System.Collections;

namespace Omnisight.Cli.Bench;

/// <summary>
/// A node compiles code for good only after its first minute, and then what ran hundreds of times (Omnisight.Cli.csproj), which a short benchmark
/// would not reach: what it measures is code that has run for a while, so its processes go by the runtime's own threshold and delay.
/// </summary>
internal static class WarmCode
{
    private const string Knobs = "System.Runtime.TieredCompilation.", Variables = "DOTNET_TC_";

    /// <summary>The runtime's defaults, in hexadecimal as it reads its variables: 30 calls, counted once nothing new was called for 100 ms.</summary>
    private static readonly (string Name, string Default)[] Settings = [("CallCountThreshold", "1E"), ("CallCountingDelayMs", "64")];

    /// <summary>Starts the process over, once, where the program has other settings. Its children inherit them.</summary>
    public static void Require()
    {
        var ours = Settings.Where(s => AppContext.GetData(Knobs + s.Name) is not null && Environment.GetEnvironmentVariable(Variables + s.Name) is null).ToArray();
        if (ours.Length > 0)
        {
            var all = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(v => $"{v.Key}={v.Value}");
            BenchNative.Restart(all.Concat(ours.Select(s => $"{Variables}{s.Name}={s.Default}")));
        }
    }
}
