using System.Composition;

namespace Omnisight;

/// <summary>Exports an <see cref="ITransport"/> under the scheme that configuration names: <c>[ExportTransport("shm")]</c>.</summary>
[MetadataAttribute]
[AttributeUsage(AttributeTargets.Class)]
public sealed class ExportTransportAttribute : ExportAttribute
{
    /// <summary>Exports under a scheme.</summary>
    public ExportTransportAttribute(string scheme)
        : base(typeof(ITransport)) => Scheme = scheme;

    /// <summary>The scheme, <c>[a-z0-9-]{1,31}</c>.</summary>
    public string Scheme { get; }
}
