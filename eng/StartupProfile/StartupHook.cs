using System.Reflection;
using System.Runtime.Loader;
using Omnisight.StartupProfile;

/// <summary>Where the runtime begins a startup hook: the name, and that it is in no namespace, are the runtime's.</summary>
internal static class StartupHook
{
    /// <summary>Listens from before the program's first line until its last, then writes the profile to OMNISIGHT_STARTUP_PROFILE.</summary>
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable("OMNISIGHT_STARTUP_PROFILE") is { Length: > 0 } path)
        {
            AssemblyLoadContext.Default.Resolving += Beside;
            Record(path);
        }
    }

    private static void Record(string path)
    {
        _ = new CompiledMethods();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Console.Error.WriteLine($"{ProfileWriter.Write(CompiledMethods.Generics(), path)} methods in {path}");
    }

    /// <summary>A hook's own references are not looked for beside it.</summary>
    private static Assembly? Beside(AssemblyLoadContext context, AssemblyName name)
    {
        var file = Path.Combine(Path.GetDirectoryName(typeof(StartupHook).Assembly.Location)!, name.Name + ".dll");
        return File.Exists(file) ? context.LoadFromAssemblyPath(file) : null;
    }
}
