using System.Composition;

namespace Omnisight;

/// <summary>Contracts that somebody copied into the project as source.</summary>
public interface IModule
{
    Task RunAsync(object context, CancellationToken stop);
}

[MetadataAttribute]
[AttributeUsage(AttributeTargets.Class)]
public sealed class ExportModuleAttribute(string name) : ExportAttribute(typeof(IModule))
{
    public string Name { get; } = name;
}
