using Omnisight.Transport.Files;

namespace Omnisight.Transport.JsonFile;

/// <summary>Which documents an instance has. What did not change since the last look is not read again: a core looks every ten seconds, and its configuration is large. Thread-safe.</summary>
internal sealed class JsonFileListing(string directory, string instance)
{
    private volatile Dictionary<string, Known> _known = new(StringComparer.Ordinal);

    public IReadOnlyList<ChannelEntry> List(int maxBytes)
    {
        var prefix = instance + "_";
        var entries = new List<ChannelEntry>();
        if (!Directory.Exists(directory))
        {
            return entries;
        }

        var before = _known;
        var known = new Dictionary<string, Known>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(directory, $"{prefix}*{DocumentPaths.Extension}").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(file)[prefix.Length..];
            if (!ChannelName.TryParse(name, out _))
            {
                continue;
            }

            var entry = new ChannelEntry { Name = name, Path = file, Delivery = Delivery.Latest };
            if (Look(file, before.GetValueOrDefault(file), maxBytes) is not { } document)
            {
                entries.Add(entry with { State = "unreadable" });
                continue;
            }

            known[file] = document;
            if (Describe(entry, document) is { } described)
            {
                entries.Add(described);
            }
        }

        _known = known;
        return entries;
    }

    /// <summary>The document as it is now; null when it can't be read.</summary>
    private static Known? Look(string file, Known? last, int maxBytes)
    {
        var path = new NativePath(file);
        if (!FileStatus.TryAt(path, out var status) || status.Size > maxBytes)
        {
            return null;
        }

        if (last is not null && last.Status == status)
        {
            return last;
        }

        // A document that is replaced meanwhile is read again at the next look: its status is another.
        return !DocumentFile.TryRead(path, out var document) ? null : new Known(status, document.Length, Envelope.TryRead(document, out var envelope) ? envelope : null);
    }

    /// <summary>Null for what is no channel: the key store is a JSON file of the instance too, but knows no epoch.</summary>
    private static ChannelEntry? Describe(ChannelEntry entry, Known document)
    {
        entry = entry with { TotalBytes = document.Bytes, PayloadBytes = document.Bytes };
        return document.Envelope is not { } envelope ? entry with { State = "bad_json" }
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

    /// <summary>What a file held when it had this status.</summary>
    private sealed record Known(FileStatus Status, int Bytes, Envelope? Envelope);
}
