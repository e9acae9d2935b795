using System.Reflection;
using dnlib.DotNet;
using dnlib.DotNet.Emit;

namespace Omnisight.StartupProfile;

/// <summary>
/// Writes a profile as crossgen2 reads it with --mibc: an assembly whose method AssemblyDictionary loads, for each group, its assemblies' names and the token of a
/// method that loads the tokens of the group's methods (dotnet/runtime, MibcEmitter.cs). One group with no names counts in every version bubble.
/// </summary>
internal static class ProfileWriter
{
    /// <returns>The number of methods in it.</returns>
    public static int Write(IReadOnlyList<MethodBase> methods, string path)
    {
        // The same methods give the same bytes.
        var module = new ModuleDefUser("startup", Guid.Empty) { Kind = ModuleKind.Dll };
        new AssemblyDefUser("startup", new Version(1, 0)).Modules.Add(module);
        var importer = new Importer(module);
        var group = Add(module, "Methods", methods.Select(m => OpCodes.Ldtoken.ToInstruction(importer.Import(m))));
        _ = Add(module, "AssemblyDictionary", [OpCodes.Ldstr.ToInstruction(";"), OpCodes.Ldtoken.ToInstruction((IMethod)group)]);
        module.Write(path);
        return methods.Count;
    }

    private static MethodDefUser Add(ModuleDef module, string name, IEnumerable<Instruction> loads)
    {
        var body = new CilBody { MaxStack = 8 };
        foreach (var load in loads)
        {
            body.Instructions.Add(load);
            if (load.OpCode == OpCodes.Ldtoken)
            {
                body.Instructions.Add(OpCodes.Pop.ToInstruction());
            }
        }

        body.Instructions.Add(OpCodes.Ret.ToInstruction());
        var method = new MethodDefUser(name, MethodSig.CreateStatic(module.CorLibTypes.Void), dnlib.DotNet.MethodAttributes.Public | dnlib.DotNet.MethodAttributes.Static) { Body = body };
        module.GlobalType.Methods.Add(method);
        return method;
    }
}
