using System.Composition;

namespace Omnisight;

/// <summary>Exports an <see cref="IMessageFormat"/> (usually an <see cref="IMessageCodec{T}"/>): <c>[ExportMessage]</c>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ExportMessageAttribute : ExportAttribute
{
    /// <summary>Exports the class as a message format.</summary>
    public ExportMessageAttribute()
        : base(typeof(IMessageFormat))
    {
    }
}
