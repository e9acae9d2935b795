using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Omnisight.Kernel.Composition;

/// <summary>The options classes that a plugin asks for, found in its code before any of it runs: the T of every <see cref="IPluginContext.Options{T}"/>.</summary>
internal static class OptionsClasses
{
    public static unsafe IReadOnlyList<Type> Of(Assembly assembly)
    {
        if (!assembly.TryGetRawMetadata(out var blob, out var length))
        {
            return [];
        }

        var metadata = new MetadataReader(blob, length);
        var found = new HashSet<Type>();
        for (var row = 1; row <= metadata.GetTableRowCount(TableIndex.MethodSpec); row++)
        {
            var call = MetadataTokens.MethodSpecificationHandle(row);
            if (IsOptions(metadata, metadata.GetMethodSpecification(call).Method) && TypeOf(assembly, MetadataTokens.GetToken(call)) is { } type)
            {
                _ = found.Add(type);
            }
        }

        return [.. found];
    }

    private static bool IsOptions(MetadataReader metadata, EntityHandle method)
    {
        if (method.Kind != HandleKind.MemberReference)
        {
            return false;
        }

        var member = metadata.GetMemberReference((MemberReferenceHandle)method);
        if (!metadata.StringComparer.Equals(member.Name, nameof(IPluginContext.Options)) || member.Parent.Kind != HandleKind.TypeReference)
        {
            return false;
        }

        var owner = metadata.GetTypeReference((TypeReferenceHandle)member.Parent);
        return metadata.StringComparer.Equals(owner.Namespace, typeof(IPluginContext).Namespace!)
            && (metadata.StringComparer.Equals(owner.Name, nameof(IPluginContext)) || metadata.StringComparer.Equals(owner.Name, nameof(IModuleContext)));
    }

    private static Type? TypeOf(Assembly assembly, int token)
    {
        try
        {
            return assembly.ManifestModule.ResolveMethod(token)?.GetGenericArguments()[0];
        }
        catch (Exception e) when (e is BadImageFormatException or ArgumentException or TypeLoadException or IOException)
        {
            // A T that only its caller knows, or of an assembly that is not there: it is bound when it is asked for.
            return null;
        }
    }
}
