using System.Composition.Hosting;
using System.Reflection;

namespace Omnisight.Kernel.Composition;

/// <summary>Turns what MEF and constructors throw into a reason an operator understands.</summary>
internal static class CompositionFailures
{
    public static string Explain(Exception exception, IEnumerable<Type> parts)
    {
        var e = exception;
        while (e is TargetInvocationException or TypeInitializationException or AggregateException && e.InnerException is not null)
        {
            e = e.InnerException;
        }

        return e switch
        {
            CompositionFailedException => $"an import can't be met: {OneLine(e.Message)}; the host offers IPluginContext, all else must come from the plugin itself",
            FileNotFoundException { FileName: { } name } => $"the assembly {name} is missing: publish the plugin with its dependencies",
            FileLoadException { FileName: { } name } => $"the assembly {name} can't be loaded: {OneLine(e.Message)}",
            MissingMethodException or MissingFieldException or TypeLoadException => $"it does not fit this host: {OneLine(e.Message)}; build it against this version",
            _ => $"{Where(e, parts)} failed: {e.GetType().Name}: {OneLine(e.Message)}",
        };
    }

    /// <summary>The exported class whose constructor (or something below it) threw.</summary>
    private static string Where(Exception e, IEnumerable<Type> parts)
    {
        var frames = new System.Diagnostics.StackTrace(e).GetFrames().Select(f => f.GetMethod()?.DeclaringType).ToList();
        var part = parts.FirstOrDefault(frames.Contains);
        return part is null ? "composition" : $"the constructor of {part.FullName}";
    }

    private static string OneLine(string text) => string.Join(" ", text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
