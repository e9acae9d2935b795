using Omnisight.Transport.Files;

namespace Omnisight.Transport.Fifo;

/// <summary>Which FIFO channels an instance has.</summary>
internal static class FifoListing
{
    public static IReadOnlyList<ChannelEntry> List(string directory, string instance)
    {
        var prefix = instance + "_";
        var entries = new List<ChannelEntry>();
        if (!Directory.Exists(directory))
        {
            return entries;
        }

        foreach (var path in Directory.EnumerateFiles(directory, prefix + "*").Order(StringComparer.Ordinal))
        {
            var resource = Path.GetFileName(path)[prefix.Length..];
            if (!ChannelName.TryParse(resource, out _) || !FileStatus.TryAt(new NativePath(path), out var file) || file.Kind != FileKind.Fifo)
            {
                continue;
            }

            var reader = OwnerLock.Owner(Path.Combine(directory, $".{instance}_{resource}.reader.lock"));
            var writer = OwnerLock.Owner(Path.Combine(directory, $".{instance}_{resource}.writer.lock"));
            var sender = OwnerLock.Owner(Path.Combine(directory, $".{instance}_{resource}.sender.lock"));
            entries.Add(new ChannelEntry
            {
                Name = NameOf(resource),
                Path = path,
                Delivery = writer.Pid == 0 ? Delivery.Stream : Delivery.Latest,
                WriterPid = writer.MayBeAlive ? writer.Pid : sender.MayBeAlive ? sender.Pid : 0,
                State = reader.MayBeAlive || writer.MayBeAlive ? "live" : "no reader",
            });
        }

        return entries;
    }

    /// <summary>The two channels whose files have the seed's names.</summary>
    private static string NameOf(string resource) => resource switch
    {
        "cmd" => "commands",
        "cmd_ack" => "acks",
        _ => resource,
    };
}
