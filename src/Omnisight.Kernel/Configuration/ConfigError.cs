namespace Omnisight.Kernel.Configuration;

/// <summary>One thing that is wrong with a configuration or a change of it.</summary>
/// <param name="Code">unknown_key, bad_value, out_of_range, bad_json, pinned, read_only, unknown_module, missing, cycle, persist_failed, no_config_file.</param>
/// <param name="Key">The key below the root: <c>Transport.Shm:Slots</c>; empty when it concerns the whole.</param>
/// <param name="Message">What is wrong with the value, what is allowed, and what was perhaps meant.</param>
/// <param name="Place">Where it was written: <c>node.json:12:7</c>; empty when unknown.</param>
public sealed record ConfigError(string Code, string Key, string Message, string Place = "")
{
    /// <inheritdoc/>
    public override string ToString() => (Place.Length, Key.Length) switch
    {
        (0, 0) => Message,
        (0, _) => $"{Key}: {Message}",
        (_, 0) => $"{Place}: {Message}",
        _ => $"{Place}: {Key}: {Message}",
    };
}
