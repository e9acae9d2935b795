using System.Composition;
using System.Reflection;
using System.Runtime.Loader;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel.Composition;

/// <summary>Finds the classes that a plugin exports; when one of them could not be used, or there are none, says why.</summary>
internal static class ExportedTypes
{
    private static readonly (Type Attribute, Type Contract)[] Kinds =
    [
        (typeof(ExportTransportAttribute), typeof(ITransport)),
        (typeof(ExportModuleAttribute), typeof(IModule)),
        (typeof(ExportMessageAttribute), typeof(IMessageFormat)),
    ];

    /// <exception cref="PluginRefusedException">There are none, one is no use, or a type can't be loaded; the message says why.</exception>
    public static IReadOnlyList<Type> Of(PluginAssembly plugin)
    {
        List<Type> classes = [.. Types(plugin).Where(t => t is { IsClass: true, IsAbstract: false })];
        if (classes.Select(WhyUseless).FirstOrDefault(w => w is not null) is { } useless)
        {
            throw new PluginRefusedException(PluginState.Faulted, useless);
        }

        // What is exported otherwise is for the plugin's own parts to import.
        return classes.Exists(t => Kinds.Any(k => t.IsDefined(k.Attribute, inherit: false)))
            ? classes.FindAll(t => t.IsDefined(typeof(ExportAttribute), inherit: false))
            : throw new PluginRefusedException(PluginState.Faulted, WhyNone(plugin, classes));
    }

    private static Type[] Types(PluginAssembly plugin)
    {
        try
        {
            return plugin.Entry.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            var first = e.LoaderExceptions.FirstOrDefault(x => x is not null);
            var missing = first is FileNotFoundException { FileName: { } name } ? $"the assembly {name} is missing" : first?.Message;
            throw new PluginRefusedException(PluginState.Faulted, $"types of {plugin.Entry.GetName().Name} can't be loaded: {missing}", e);
        }
    }

    /// <summary>Why a class that means to be exported would be passed over in silence; null when it would not.</summary>
    internal static string? WhyUseless(Type type)
    {
        foreach (var data in type.GetCustomAttributesData())
        {
            if (Kinds.FirstOrDefault(k => k.Attribute.Name == data.AttributeType.Name) is { Attribute: { } ours } && data.AttributeType != ours)
            {
                return $"{type.FullName} is exported with {data.AttributeType.FullName} of {Where(data.AttributeType)}, which is not the host's: it was built with a copy of the contracts of its own; reference them with ExcludeAssets=\"runtime\"";
            }
        }

        foreach (var (attribute, contract) in Kinds)
        {
            var written = $"[{attribute.Name[..^"Attribute".Length]}]";
            var marked = type.IsDefined(attribute, inherit: false);
            var fits = contract.IsAssignableFrom(type);
            if (marked && !fits)
            {
                return Array.Find(type.GetInterfaces(), i => i.Name == contract.Name) is { } foreign
                    ? $"{type.FullName} has {written} but implements {foreign.FullName} of {Where(foreign)}, which is not the host's: it was built with a copy of the contracts of its own; reference them with ExcludeAssets=\"runtime\""
                    : $"{type.FullName} has {written} but is no {contract.Name}: implement {contract.FullName}, or take the attribute away";
            }

            if (marked && type.ContainsGenericParameters)
            {
                return $"{type.FullName} has {written} but is generic, so it can't be made; export a class that is not";
            }

            if (marked && contract == typeof(IModule) && type.IsDefined(typeof(SharedAttribute), inherit: false))
            {
                return $"{type.FullName} has {written} and [Shared]: a module is made anew for each run, and disposed of after it, which one shared instance would not survive; take [Shared] away";
            }

            if (fits && !Kinds.Any(k => type.IsDefined(k.Attribute, inherit: false)) && type.IsDefined(typeof(ExportAttribute), inherit: false))
            {
                return $"{type.FullName} is exported with [Export], by which the host does not find an {contract.Name}; use {written}";
            }
        }

        return null;
    }

    private static string WhyNone(PluginAssembly plugin, List<Type> classes)
    {
        var name = plugin.Entry.GetName().Name;
        if (classes.Find(t => Kinds.Any(k => k.Contract.IsAssignableFrom(t))) is { } candidate)
        {
            return $"{name} was loaded but exports nothing: {candidate.FullName} has no [ExportTransport], [ExportModule] or [ExportMessage]; give it the one that fits";
        }

        var foreign = classes.SelectMany(t => t.GetInterfaces()).FirstOrDefault(i => Kinds.Any(k => k.Contract.Name == i.Name));
        return foreign is not null
            ? $"{name} was loaded but exports nothing: it implements {foreign.FullName} of {Where(foreign)}, which is not the host's; reference the contracts with ExcludeAssets=\"runtime\""
            : $"{name} was loaded but exports nothing: it holds no class with [ExportTransport], [ExportModule] or [ExportMessage]; is 'entry' in plugin.json the right assembly?";
    }

    private static string Where(Type type) => $"{type.Assembly.GetName().Name} {type.Assembly.GetName().Version} in '{AssemblyLoadContext.GetLoadContext(type.Assembly)?.Name}'";
}
