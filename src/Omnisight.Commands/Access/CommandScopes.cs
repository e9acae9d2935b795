namespace Omnisight.Commands;

/// <summary>The scopes as keys, files and messages spell them.</summary>
public static class CommandScopes
{
    /// <summary>read, command, config or admin.</summary>
    public static string Name(CommandScope scope) => scope switch
    {
        CommandScope.Read => "read",
        CommandScope.Command => "command",
        CommandScope.Config => "config",
        _ => "admin",
    };

    /// <summary>Parses a name; false when it is not one of the four.</summary>
    public static bool TryParse(string? name, out CommandScope scope)
    {
        scope = name switch
        {
            "command" => CommandScope.Command,
            "config" => CommandScope.Config,
            "admin" => CommandScope.Admin,
            _ => CommandScope.Read,
        };
        return name == Name(scope);
    }
}
