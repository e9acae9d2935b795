using System.Text.Json;

namespace Omnisight.Kernel.Plugins;

/// <summary>States as documents spell them: snake case.</summary>
internal static class StateName
{
    public static string Of<T>(T state)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());
}
