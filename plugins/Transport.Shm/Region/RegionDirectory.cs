namespace Omnisight.Transport.Shm;

/// <summary>The channels of an instance, as they lie in the directory.</summary>
internal static class RegionDirectory
{
    public static IReadOnlyList<ChannelEntry> List(string directory, string instance, RegionTrust trust, Clock clock)
    {
        var entries = new List<ChannelEntry>();
        if (!Directory.Exists(directory))
        {
            return entries;
        }

        foreach (var path in Directory.EnumerateFiles(directory, instance + "_*").Order(StringComparer.Ordinal))
        {
            if (ChannelName.TryParse(Path.GetFileName(path)[(instance.Length + 1)..], out var name))
            {
                entries.Add(Describe(name, path, trust, clock));
            }
        }

        return entries;
    }

    private static ChannelEntry Describe(ChannelName name, string path, RegionTrust trust, Clock clock)
    {
        var view = RegionView.TryOpen(path, trust, "", map: false, null, out var rejection);
        if (view is null)
        {
            return new ChannelEntry { Name = name.Value, Path = path, State = rejection.IsNone ? "gone" : rejection.Label };
        }

        try
        {
            if (!view.Ring.TryReadLatest(out var latest))
            {
                return new ChannelEntry { Name = name.Value, Path = path, State = new Rejection(RejectReason.Truncated).Label };
            }

            _ = view.Ring.TryLook(latest, out var frame);
            var now = clock.NowNs();
            var control = view.Ring.Control;
            var alive = Math.Min(WriterHealth.Age(control.HeartbeatMonoNs, now), WriterHealth.Age(frame.PublishedMonoNs, now)) <= WriterHealth.GoneNs && view.WriterMayBeAlive(now);
            return new ChannelEntry
            {
                Name = name.Value,
                MessageId = view.Header.MessageId,
                Path = path,
                RuntimeDirectory = view.Header.RuntimeDirectory,
                State = control.State == RegionState.Closed ? "closed" : alive ? "live" : "gone",
                WriterPid = view.Header.WriterPid,
                Epoch = view.Header.Epoch,
                Sequence = latest,
                PublishedMonoNs = frame.PublishedMonoNs,
                PayloadBytes = frame.PayloadBytes,
                TotalBytes = view.Header.RegionBytes,
                Period = TimeSpan.FromMilliseconds(view.Header.PeriodMs),
            };
        }
        finally
        {
            view.Release();
        }
    }
}
