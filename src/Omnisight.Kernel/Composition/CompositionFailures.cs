using System.Composition.Hosting;
using System.Diagnostics;
using System.Reflection;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel.Composition;

/// <summary>Turns what MEF and constructors throw into a reason an operator understands.</summary>
internal static class CompositionFailures
{
    /// <summary>From here on MEF tells what the host asked for, which is no concern of the plugin's author.</summary>
    private const string ByTheHost = " -> required by import 'product' of part 'ExportFactory";

    public static string Explain(Exception exception)
    {
        var e = exception;
        while (e is TargetInvocationException or TypeInitializationException or AggregateException && e.InnerException is not null)
        {
            e = e.InnerException;
        }

        return e switch
        {
            CompositionFailedException => $"an import can't be met: {OneLine(e.Message.Split(ByTheHost)[0])}; the host offers IPluginContext alone: export it in the plugin itself, or take the import away",
            FileNotFoundException { FileName: { } name } when name.Contains(", Version=", StringComparison.Ordinal) => $"the assembly {name} is missing: publish the plugin with its dependencies",
            FileLoadException { FileName: { } name } => $"the assembly {name} can't be loaded: {OneLine(e.Message)}",
            BadImageFormatException => $"it holds a file that is no .NET assembly: {OneLine(e.Message)}; build or install it again",
            MissingMethodException or MissingFieldException or TypeLoadException => $"it does not fit this host: {OneLine(e.Message)}; build it against this version",
            _ when Made(e) is { } made => $"the constructor of {made.FullName} failed: {e.GetType().Name}: {OneLine(e.Message)}; what it needs of the outside is for RunAsync, OpenPublisher or OpenReader to open",
            _ => $"composition failed: {e.GetType().Name}: {OneLine(e.Message)}",
        };
    }

    /// <summary>The plugin's class whose constructor, or something below it, threw.</summary>
    private static Type? Made(Exception e)
    {
        var made = new StackTrace(e).GetFrames().Select(f => f.GetMethod())
            .LastOrDefault(m => m is ConstructorInfo { DeclaringType: { } type } && PluginAssembly.OwnerOf(type.Assembly) is not null);
        return made?.DeclaringType;
    }

    private static string OneLine(string text) => string.Join(" ", text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
