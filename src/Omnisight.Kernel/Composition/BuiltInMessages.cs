using System.Reflection;

namespace Omnisight.Kernel.Composition;

/// <summary>The messages that come with the program and the kernel's own documents; they have no container, their formats have no imports.</summary>
internal static class BuiltInMessages
{
    /// <summary>Who provides them, as plugins are named.</summary>
    public const string Owner = "the host";

    public static void AddTo(MessageCatalog catalog, IEnumerable<Assembly> assemblies)
    {
        foreach (var type in assemblies.SelectMany(a => a.GetExportedTypes()).Where(t => t is { IsClass: true, IsAbstract: false } && t.IsDefined(typeof(ExportMessageAttribute), inherit: false)))
        {
            catalog.TryAdd(ExportedMessage.Of((IMessageFormat)Activator.CreateInstance(type)!), Owner);
        }

        foreach (var document in Wiring.KernelDocuments.Formats)
        {
            catalog.TryAdd(ExportedMessage.Of(document), Owner);
        }
    }
}
