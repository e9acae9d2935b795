using Microsoft.Extensions.Logging;
using Omnisight.Api.Rest.Channels;
using Omnisight.Api.Rest.Health;
using Omnisight.Api.Rest.Security;
using Omnisight.Api.Rest.Streaming;
using Omnisight.Api.Rest.Telemetry;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>What the endpoints work with.</summary>
internal sealed record ApiServices(
    IModuleContext Context, ILiveOptions<RestOptions> Options, ChannelFeeds Feeds, ChannelCatalog Catalog, NodeView Node,
    CorePing Ping, Audit Audit, Tickets Tickets, StreamHub Streams, RejectCounters CommandRejects, ILogger Logger);
