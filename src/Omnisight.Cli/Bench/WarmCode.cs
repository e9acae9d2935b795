using System.Collections;

namespace Omnisight.Cli.Bench;

/// <summary>
/// A node compiles only what runs thousands of times (Omnisight.Cli.csproj), which a short benchmark would not reach: what it measures
/// is code that has run for a while, so its processes go by the runtime's own threshold.
/// </summary>
internal static class WarmCode
{
    private const string Knob = "System.Runtime.TieredCompilation.CallCountThreshold", Variable = "DOTNET_TC_CallCountThreshold";

    /// <summary>The runtime's default: 30, in hexadecimal as it reads its variables.</summary>
    private const string Threshold = "1E";

    /// <summary>Starts the process over, once, where the program has another threshold. Its children inherit it.</summary>
    public static void Require()
    {
        if (AppContext.GetData(Knob) is not null && Environment.GetEnvironmentVariable(Variable) is null)
        {
            var all = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(v => $"{v.Key}={v.Value}");
            BenchNative.Restart(all.Append($"{Variable}={Threshold}"));
        }
    }
}
