namespace Omnisight.Kernel.Composition;

/// <summary>What <see cref="ExportTransportAttribute"/> says; MEF fills it.</summary>
public sealed class TransportMetadata
{
    /// <summary>The scheme.</summary>
    public string Scheme { get; set; } = "";
}
