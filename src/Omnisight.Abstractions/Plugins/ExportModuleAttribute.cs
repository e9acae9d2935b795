using System.Composition;

namespace Omnisight;

/// <summary>Exports an <see cref="IModule"/>: <c>[ExportModule("simulator", Publishes = ["detections"])]</c>.</summary>
[MetadataAttribute]
[AttributeUsage(AttributeTargets.Class)]
public sealed class ExportModuleAttribute : ExportAttribute
{
    /// <summary>Exports under a name that is unique in the plugin.</summary>
    public ExportModuleAttribute(string name)
        : base(typeof(IModule)) => Name = name;

    /// <summary>The module's name.</summary>
    public string Name { get; }

    /// <summary>The channels it offers to publish.</summary>
    public string[] Publishes { get; set; } = [];
}
