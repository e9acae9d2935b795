namespace Omnisight.Kernel.Wiring;

/// <summary>Every channel of the instance: those that transports find, whoever made them, and those that are known but not there.</summary>
internal static class ChannelListing
{
    /// <summary>The state of a channel that nobody has opened.</summary>
    public const string Absent = "not_ready";

    public static IReadOnlyList<ChannelEntry> Of(ChannelPlanner planner, ChannelDirectories directories)
    {
        var found = new SortedDictionary<string, ChannelEntry>(StringComparer.Ordinal);
        foreach (var raw in directories.List())
        {
            var entry = Complete(raw, planner, out var planned);
            if (planned == entry.Transport || !found.ContainsKey(entry.Name))
            {
                found[entry.Name] = entry;
            }
        }

        foreach (var name in planner.KnownChannels.Where(n => !found.ContainsKey(n)))
        {
            if (Plan(planner, name) is { } plan)
            {
                found[name] = new ChannelEntry
                {
                    Name = name,
                    MessageId = plan.Spec.MessageId,
                    State = Absent,
                    Transport = plan.Scheme,
                    Delivery = plan.Spec.Delivery,
                    Period = plan.Spec.Period,
                };
            }
        }

        return [.. found.Values];
    }

    /// <summary>Fills in what the transport does not record.</summary>
    private static ChannelEntry Complete(ChannelEntry entry, ChannelPlanner planner, out string? scheme)
    {
        scheme = null;
        if (!planner.KnownChannels.Contains(entry.Name, StringComparer.Ordinal) && !entry.Name.StartsWith(KernelDocuments.ProcessPrefix, StringComparison.Ordinal))
        {
            return entry;
        }

        var plan = Plan(planner, entry.Name);
        scheme = plan?.Scheme;
        return plan is null ? entry : entry with
        {
            MessageId = entry.MessageId.Length > 0 ? entry.MessageId : plan.Spec.MessageId,
            Period = entry.Period > TimeSpan.Zero ? entry.Period : plan.Spec.Period,
            Delivery = plan.Spec.Delivery,
        };
    }

    /// <summary>The plan, where there can be one: a name may be no channel's, and a transport may refuse to say what it can do.</summary>
    private static ChannelPlan? Plan(ChannelPlanner planner, string name)
    {
        try
        {
            return planner.Find(name);
        }
        catch (Exception)
        {
            return null;
        }
    }
}
