using System.Text.Json;

namespace Omnisight;

/// <summary>What a handler made of a command.</summary>
/// <param name="Success">Done, or not.</param>
/// <param name="Message">In words.</param>
/// <param name="Code">With an error: its name in snake case.</param>
/// <param name="Data">The result: a JSON object, or Undefined.</param>
public sealed record CommandResult(bool Success, string Message, string? Code = null, JsonElement Data = default)
{
    /// <summary>Done.</summary>
    public static CommandResult Ok(string message, JsonElement data = default) => new(true, message, null, data);

    /// <summary>Not done.</summary>
    public static CommandResult Error(string code, string message, JsonElement data = default) => new(false, message, code, data);
}
