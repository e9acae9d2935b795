using Microsoft.AspNetCore.Http;
using Omnisight.Api.Rest.Channels;
using Omnisight.Api.Rest.Envelopes;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>GET of a channel's newest value: the bytes that the feed made, by reference.</summary>
internal sealed class ValueEndpoint(ChannelFeeds feeds, string channel)
{
    private ChannelFeed? _feed;

    public Task Handle(HttpContext context)
    {
        var feed = _feed ??= feeds.Open(channel, out _);
        return feed is null
            ? Reply.NoData(context, channel, Availability.None("not_ready", $"no transport of this process carries channel '{channel}'"))
            : Serve(context, feed);
    }

    /// <summary>Answers with a feed's value, filtered when the query says so.</summary>
    public static Task Serve(HttpContext context, ChannelFeed feed)
    {
        var seen = feed.Look();
        if (seen.Snapshot is null)
        {
            return Reply.NoData(context, feed.Channel.Name.Value, seen);
        }

        if (!context.Request.QueryString.HasValue)
        {
            return Reply.Value(context, seen, seen.Snapshot.Body(seen.Stale));
        }

        var filter = ElementFilter.Parse(context.Request.QueryString.Value!, out var error);
        if (error is { } wrong)
        {
            return Reply.Error(context, StatusCodes.Status400BadRequest, "bad_value", $"{wrong.Parameter}: {wrong.Message}", wrong);
        }

        return Reply.Value(context, seen, filter is null ? seen.Snapshot.Body(seen.Stale) : seen.Snapshot.Filtered(filter, seen.Stale));
    }
}
