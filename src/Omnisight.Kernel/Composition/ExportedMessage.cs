namespace Omnisight.Kernel.Composition;

/// <summary>A message format with what it says of itself, asked for once: whatever its getters do later, the kernel does not meet it.</summary>
internal sealed record ExportedMessage(string Name, ChannelSpec DefaultChannel, IMessageFormat Format)
{
    /// <exception cref="Plugins.PluginRefusedException">It says nothing usable; the message names the class and the property.</exception>
    public static ExportedMessage Of(IMessageFormat format)
    {
        var type = format.GetType();
        var name = ExportNames.CheckMessage(ExportNames.Read(type, nameof(format.Name), () => format.Name), type);
        var channel = ExportNames.Read(type, nameof(format.DefaultChannel), () => format.DefaultChannel);
        if (channel.Name.Value.Length == 0)
        {
            throw ExportNames.Refused($"{type.FullName}.{nameof(format.DefaultChannel)} has no name; give it one with ChannelName.Parse");
        }

        _ = ExportNames.Read(type, nameof(format.PayloadType), () => format.PayloadType);
        var (oldest, newest) = (ExportNames.Read(type, nameof(format.MinVersion), () => (object)format.MinVersion), ExportNames.Read(type, nameof(format.MaxVersion), () => (object)format.MaxVersion));
        return (int)oldest is > 0 and var min && (int)newest >= min
            ? new ExportedMessage(name, channel, format)
            : throw ExportNames.Refused($"{type.FullName} reads versions {oldest} to {newest}, which is none; they count from 1");
    }
}
