using System.ComponentModel;

namespace Omnisight.Kernel.Composition;

/// <summary>What <see cref="ExportModuleAttribute"/> says; MEF fills it.</summary>
public sealed class ModuleMetadata
{
    /// <summary>The module's name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The channels it offers to publish.</summary>
    [DefaultValue(null)]
    public string[]? Publishes { get; set; }
}
