using System.Globalization;
using Microsoft.AspNetCore.Http;
using Omnisight.Api.Rest.Channels;
using Omnisight.Api.Rest.Envelopes;

namespace Omnisight.Api.Rest.Streaming;

/// <summary>What a client wants to be sent.</summary>
/// <param name="Feeds">Its channels.</param>
/// <param name="Missing">Channels that it did not ask for by name and that this node does not have.</param>
/// <param name="MinimumIntervalNs">The least time between two values of a channel; 0 = every value.</param>
internal sealed record StreamRequest(IReadOnlyList<ChannelFeed> Feeds, IReadOnlyList<string> Missing, long MinimumIntervalNs)
{
    private const int MostChannels = 32;
    private static readonly string[] Default = ["detections", "tracks", "timelines", "stats", "status"];

    /// <summary>Reads the query; null when the request was answered with what is wrong with it.</summary>
    public static async Task<StreamRequest?> Read(HttpContext context, ChannelFeeds feeds)
    {
        var names = context.Request.Query["channels"] is { Count: > 0 } asked
            ? asked.ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().ToArray()
            : Default;
        var rate = context.Request.Query["max_hz"];
        var hz = 0.0;
        if (rate.Count > 0 && (!double.TryParse(rate[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out hz) || hz is not (>= 0.01 and <= 1000)))
        {
            await Reply.Error(context, StatusCodes.Status400BadRequest, "bad_value", $"max_hz: '{rate[0]}' is not a number from 0.01 to 1000", ("max_hz", "a number from 0.01 to 1000"));
            return null;
        }

        if (names.Length is 0 or > MostChannels)
        {
            await Reply.Error(context, StatusCodes.Status400BadRequest, "bad_value", $"channels: name 1 to {MostChannels}", ("channels", $"1 to {MostChannels} names"));
            return null;
        }

        var (wanted, missing) = (new List<ChannelFeed>(), new List<string>());
        foreach (var name in names)
        {
            if (!ChannelName.TryParse(name, out _))
            {
                await Reply.Error(context, StatusCodes.Status400BadRequest, "bad_name", $"a channel name is 1 to {ChannelName.MaxLength} characters of a-z, 0-9, '_' and '-'", ("channels", "not a channel name"));
                return null;
            }

            if (feeds.Open(name, out var refusal) is not { } feed)
            {
                if (names == Default)
                {
                    missing.Add(name);
                    continue;
                }

                await Refuse(context, name, refusal);
                return null;
            }

            wanted.Add(feed);
        }

        return new StreamRequest(wanted, missing, hz == 0 ? 0 : (long)(1e9 / hz));
    }

    private static Task Refuse(HttpContext context, string name, FeedRefusal refusal) => refusal switch
    {
        FeedRefusal.Stream => Reply.Error(context, StatusCodes.Status415UnsupportedMediaType, "stream_channel", $"channel '{name}' is a stream of messages, each for one reader; it can't be watched"),
        FeedRefusal.NoCodec => Reply.Error(context, StatusCodes.Status415UnsupportedMediaType, "no_codec", $"no loaded plugin knows the message of channel '{name}'"),
        FeedRefusal.TooMany => Reply.Error(context, StatusCodes.Status503ServiceUnavailable, "too_many_channels", "this API looks at as many channels as it may; try again in a minute"),
        _ => Reply.Error(context, StatusCodes.Status404NotFound, "unknown_channel", $"there is no channel '{name}'; GET /api/channels lists them"),
    };
}
