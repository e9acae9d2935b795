using Omnisight.Transport.Files;

namespace Omnisight.Transport.JsonFile;

/// <summary>Which documents an instance has.</summary>
internal static class JsonFileListing
{
    public static IReadOnlyList<ChannelEntry> List(string directory, string instance, int maxBytes)
    {
        var prefix = instance + "_";
        var entries = new List<ChannelEntry>();
        if (!Directory.Exists(directory))
        {
            return entries;
        }

        foreach (var file in Directory.EnumerateFiles(directory, $"{prefix}*{DocumentPaths.Extension}").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(file)[prefix.Length..];
            if (ChannelName.TryParse(name, out _) && Describe(name, file, maxBytes) is { } entry)
            {
                entries.Add(entry);
            }
        }

        return entries;
    }

    /// <summary>Null for what is no channel: the key store is a JSON file of the instance too, but knows no epoch.</summary>
    private static ChannelEntry? Describe(string name, string file, int maxBytes)
    {
        var entry = new ChannelEntry { Name = name, Path = file, Delivery = Delivery.Latest };
        var path = new NativePath(file);
        if (!FileStatus.TryAt(path, out var status) || status.Size > maxBytes || !DocumentFile.TryRead(path, out var document))
        {
            return entry with { State = "unreadable" };
        }

        entry = entry with { TotalBytes = document.Length, PayloadBytes = document.Length };
        return !Envelope.TryRead(document, out var envelope) ? entry with { State = "bad_json" }
            : !envelope.IsSequenced ? null
            : entry with
            {
                State = !envelope.ThisBoot ? "closed" : envelope.Writer.Pid == 0 ? "unknown writer" : envelope.Writer.MayBeAlive ? "live" : "gone",
                WriterPid = envelope.ThisBoot ? envelope.Writer.Pid : 0,
                Epoch = envelope.Epoch,
                Sequence = envelope.Sequence,
                PublishedMonoNs = envelope.ThisBoot ? envelope.MonoNs : 0,
            };
    }
}
