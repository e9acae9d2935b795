using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Omnisight.Sdk;
using Omnisight.TestKit;

namespace Omnisight.Native.Tests;

/// <summary>The prototypes of omnisight.h are written by hand: they must be the exports, argument by argument.</summary>
public sealed partial class PrototypeTests
{
    private static readonly string Header = File.ReadAllText(Path.Combine(TestPaths.Repository, "sdk/c/include/omnisight.h"));

    [Fact]
    public void Every_export_has_its_prototype_with_the_same_types()
    {
        var exports = typeof(Exports).GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(m => (Method: m, Name: m.GetCustomAttribute<UnmanagedCallersOnlyAttribute>()?.EntryPoint))
            .Where(m => m.Name is not (null or "ipc_server_get_default_config"))
            .ToDictionary(m => m.Name!, m => Signature(m.Method));
        exports.Count.ShouldBeGreaterThan(30);
        Prototypes(Header).ShouldBe(exports, ignoreOrder: true);
    }

    [Theory]
    [InlineData("int omnisight_wait(OmnisightReader *reader, int timeout_ms);", "int omnisight_wait(OmnisightReader *reader, uint32_t timeout_ms);")]
    [InlineData("uint32_t ipc_crc32(const void *data, size_t length);", "uint32_t ipc_crc32(const void *data);")]
    [InlineData("void omnisight_close(OmnisightReader *reader);", "bool omnisight_close(OmnisightReader *reader);")]
    public void Another_type_shows(string right, string wrong)
    {
        Header.ShouldContain(right);
        Prototypes(Header.Replace(right, wrong, StringComparison.Ordinal)).ShouldNotBe(Prototypes(Header));
    }

    [Fact]
    public void The_seeds_name_is_exported_and_takes_its_size_from_the_header()
    {
        typeof(Exports).GetMethod(nameof(Exports.GetDefaultConfig))!.GetCustomAttribute<UnmanagedCallersOnlyAttribute>()!.EntryPoint.ShouldBe("ipc_server_get_default_config");
        Header.ShouldContain("static inline void ipc_server_get_default_config(IPCServerConfig *config)");
    }

    private static Dictionary<string, string> Prototypes(string header) =>
        Prototype().Matches(header).ToDictionary(m => m.Groups["name"].Value, m => $"{OfC(m.Groups["type"].Value)}({string.Join(", ", m.Groups["arguments"].Value.Split(',').Select(OfC).Where(t => t != "void"))})");

    private static string Signature(MethodInfo method) =>
        $"{OfReturn(method.ReturnType)}({string.Join(", ", method.GetParameters().Select(p => OfArgument(p.ParameterType)))})";

    private static string OfC(string declaration) =>
        declaration.Contains('*', StringComparison.Ordinal) || declaration.Contains("Callback", StringComparison.Ordinal) ? "pointer" : declaration.Trim().Split(' ')[0];

    // A handle is a pointer that is never followed.
    private static string OfReturn(Type type) => type == typeof(void) ? "void" : OfArgument(type);

    private static string OfArgument(Type type) =>
        type.IsPointer || type.IsFunctionPointer || type == typeof(nint) ? "pointer"
        : type == typeof(byte) ? "bool"
        : type == typeof(uint) ? "uint32_t"
        : type == typeof(ulong) ? "uint64_t"
        : type == typeof(nuint) ? "size_t"
        : type == typeof(int) ? "int"
        : throw new InvalidOperationException($"{type} is no type of C");

    [GeneratedRegex(@"^(?<type>(?:const )?\w+ \*?)(?<name>(?:ipc|omnisight)_\w+)\((?<arguments>[^()]*)\);", RegexOptions.Multiline)]
    private static partial Regex Prototype();
}
