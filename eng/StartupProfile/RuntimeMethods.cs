using System.Reflection;

namespace Omnisight.StartupProfile;

/// <summary>
/// From the id that the runtime's events give a method to its reflection. No public way leads from one to the other where the method is shared by several
/// instantiations, so this goes the runtime's own: another version may need another.
/// </summary>
internal static class RuntimeMethods
{
    private const BindingFlags Hidden = BindingFlags.Static | BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;

    private static readonly Type Handle = Internal("System.RuntimeMethodHandleInternal");
    private static readonly ConstructorInfo MakeHandle = Handle.GetConstructor(Hidden, [typeof(nint)]) ?? throw Missing("the handle's constructor");
    private static readonly MethodInfo DeclaringType = typeof(RuntimeMethodHandle).GetMethod("GetDeclaringType", Hidden, [Handle]) ?? throw Missing("GetDeclaringType");
    private static readonly MethodInfo Method = Internal("System.RuntimeType").GetMethod("GetMethodBase", Hidden, [Internal("System.RuntimeType"), Handle]) ?? throw Missing("GetMethodBase");

    /// <summary>Null for what has no reflection, such as the runtime's stubs.</summary>
    public static MethodBase? Of(nint id)
    {
        var handle = MakeHandle.Invoke([id]);
        return (MethodBase?)Method.Invoke(null, [DeclaringType.Invoke(null, [handle]), handle]) is { DeclaringType: not null } method ? method : null;
    }

    private static Type Internal(string name) => typeof(object).Assembly.GetType(name) ?? throw Missing(name);

    private static MissingMemberException Missing(string what) => new($"this runtime has no {what}: record with the one that the build uses");
}
