using System.Composition;

namespace Omnisight.Kernel.Composition;

/// <summary>Makes instances of one exported module.</summary>
internal sealed record ModuleFactory(string Name, IReadOnlyList<ChannelName> Publishes, ExportFactory<IModule, ModuleMetadata> Export)
{
    public Part<IModule> Create() => new(Export.CreateExport());
}
