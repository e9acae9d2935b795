using System.Reflection;
using System.Reflection.Emit;

namespace Omnisight.Kernel.Tests;

/// <summary>Assemblies of any name and version, made on the spot.</summary>
internal static class Assemblies
{
    public static void WriteEmpty(string name, Version version, string file)
    {
        var builder = new PersistedAssemblyBuilder(new AssemblyName(name) { Version = version }, typeof(object).Assembly);
        builder.DefineDynamicModule(name);
        builder.Save(file);
    }
}
