using System.Text.RegularExpressions;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel.Composition;

/// <summary>What exported parts call themselves: read where it may fail, and checked before anybody relies on it.</summary>
internal static partial class ExportNames
{
    public static PluginRefusedException Refused(string reason, Exception? inner = null) => new(PluginState.Faulted, reason, inner);

    /// <exception cref="PluginRefusedException">The property throws or gives nothing.</exception>
    public static T Read<T>(Type type, string property, Func<T?> get)
        where T : class
    {
        T? value;
        try
        {
            value = get();
        }
        catch (Exception e)
        {
            throw Refused($"{type.FullName}.{property} failed: {e.GetType().Name}: {e.Message}", e);
        }

        return value ?? throw Refused($"{type.FullName}.{property} is null");
    }

    public static void CheckScheme(string? scheme, ITransport transport)
    {
        var type = transport.GetType();
        if (scheme is null || !SchemePattern().IsMatch(scheme))
        {
            throw Refused($"{type.FullName} exports the transport '{scheme}', which is not [a-z0-9-]{{1,31}}");
        }

        _ = Read(type, nameof(transport.Traits), () => transport.Traits);
    }

    public static string CheckMessage(string name, Type type) =>
        MessagePattern().IsMatch(name) ? name : throw Refused($"{type.FullName}.{nameof(IMessageFormat.Name)} is '{name}', which is not [a-z0-9._-]{{1,60}}");

    public static string CheckModule(string? name) =>
        name is not null && ModulePattern().IsMatch(name) ? name : throw Refused($"it exports the module '{name}', which is not [A-Za-z0-9_.-]{{1,64}}");

    public static IReadOnlyList<ChannelName> Channels(ModuleMetadata module) =>
        [.. (module.Publishes ?? []).Select(c => ChannelName.TryParse(c, out var name) ? name : throw Refused($"module '{module.Name}' offers the channel '{c}', which is not [a-z0-9_-]{{1,31}}"))];

    [GeneratedRegex(@"^[a-z0-9-]{1,31}\z")]
    private static partial Regex SchemePattern();

    [GeneratedRegex(@"^[a-z0-9._-]{1,60}\z")]
    private static partial Regex MessagePattern();

    [GeneratedRegex(@"^[A-Za-z0-9_.-]{1,64}\z")]
    private static partial Regex ModulePattern();
}
