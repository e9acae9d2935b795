namespace Omnisight.Kernel.Configuration;

/// <summary>A setting with its value and where that comes from.</summary>
/// <param name="Key">The key below the root: <c>Transport.Shm:Slots</c>.</param>
/// <param name="Option">What it may be.</param>
/// <param name="Value">What it is.</param>
/// <param name="Source">Who said so.</param>
public sealed record ConfigEntry(string Key, OptionSchema Option, ConfigValue Value, ConfigSource Source);
