namespace Omnisight;

/// <summary>The version of these contracts. A plugin's manifest names the range it was built for, <c>[1.0,2.0)</c>.</summary>
public static class ContractVersion
{
    /// <summary>This assembly's contract version: a new minor adds, a new major breaks.</summary>
    public static Version Current { get; } = new(1, 0);
}
