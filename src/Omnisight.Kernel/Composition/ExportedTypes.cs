using System.Composition;
using System.Reflection;
using System.Runtime.Loader;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel.Composition;

/// <summary>Finds the classes that a plugin exports, and when there are none, why.</summary>
internal static class ExportedTypes
{
    /// <exception cref="PluginRefusedException">There are none, or a type can't be loaded; the message says why.</exception>
    public static IReadOnlyList<Type> Of(PluginAssembly plugin)
    {
        Type[] types;
        try
        {
            types = plugin.Entry.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            var first = e.LoaderExceptions.FirstOrDefault(x => x is not null);
            var missing = first is FileNotFoundException { FileName: { } name } ? $"the assembly {name} is missing" : first?.Message;
            throw new PluginRefusedException(PluginState.Faulted, $"types of {plugin.Entry.GetName().Name} can't be loaded: {missing}", e);
        }

        List<Type> exported = [.. types.Where(t => t is { IsClass: true, IsAbstract: false } && t.IsDefined(typeof(ExportAttribute), inherit: false))];
        return exported.Count > 0 ? exported : throw new PluginRefusedException(PluginState.Faulted, WhyNone(plugin, types));
    }

    private static string WhyNone(PluginAssembly plugin, Type[] types)
    {
        var name = plugin.Entry.GetName().Name;
        var foreign = types.SelectMany(t => t.GetCustomAttributesData())
            .Select(a => a.AttributeType)
            .FirstOrDefault(a => a.Name.StartsWith("Export", StringComparison.Ordinal) && !typeof(ExportAttribute).IsAssignableFrom(a));
        if (foreign is not null)
        {
            var context = AssemblyLoadContext.GetLoadContext(foreign.Assembly)?.Name;
            return $"{name} exports with {foreign.FullName} of {foreign.Assembly.GetName()} in '{context}', which is not the host's: it was built with a copy of the contracts of its own; reference them with ExcludeAssets=\"runtime\"";
        }

        var candidate = types.FirstOrDefault(t => t is { IsClass: true, IsAbstract: false } && (typeof(ITransport).IsAssignableFrom(t) || typeof(IModule).IsAssignableFrom(t) || typeof(IMessageFormat).IsAssignableFrom(t)));
        return candidate is not null
            ? $"{name} was loaded but exports nothing: {candidate.FullName} has no [ExportTransport], [ExportModule] or [ExportMessage]"
            : $"{name} was loaded but exports nothing: it holds no class with [ExportTransport], [ExportModule] or [ExportMessage]; is 'entry' in plugin.json the right assembly?";
    }
}
