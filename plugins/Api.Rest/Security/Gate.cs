using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Omnisight.Api.Rest.Envelopes;
using Omnisight.Api.Rest.Hosting;
using Omnisight.Api.Rest.Telemetry;

namespace Omnisight.Api.Rest.Security;

/// <summary>
/// Stands before every endpoint: host, origin, key, scope, rate; counts; and gives the framework's own errors the envelope.
/// The way of a plain local GET through it is straight: no await, no allocation.
/// </summary>
internal sealed partial class Gate
{
    private const string TooLarge = "the body is larger than this API takes (Api.Rest:MaxBodyBytes)";
    private const string BadName = "a name in the path is not [A-Za-z0-9._-]";
    private static readonly StringValues Bearer = "Bearer realm=\"omnisight\"";

    private readonly GateServices _services;
    private readonly Warnings _warnings;

    public Gate(GateServices services)
    {
        _services = services;
        _warnings = new Warnings(services.Time);
    }

    /// <summary>The caller that the gate let in.</summary>
    public static Caller CallerOf(HttpContext context) => context.Features.Get<Caller>() ?? Caller.Local;

    public RequestDelegate Wrap(RequestDelegate next) => context =>
    {
        var start = _services.Time.GetTimestamp();
        var rule = context.GetEndpoint()?.Metadata.GetMetadata<EndpointRule>();
        if (rule is null)
        {
            return Unrouted(context, next);
        }

        var work = Refuse(context, rule);
        if (work is null)
        {
            try
            {
                work = next(context);
            }
            catch (Exception e)
            {
                work = Task.FromException(e);
            }
        }

        if (work.IsCompletedSuccessfully)
        {
            CountReject(context);
            rule.Counters.Count(context.Response.StatusCode, _services.Time.GetElapsedTime(start));
            return work;
        }

        return Finish(context, rule, start, work);
    };

    /// <summary>Answers in the endpoint's place; null = let in.</summary>
    private Task? Refuse(HttpContext context, EndpointRule rule)
    {
        var request = context.Request;
        if (!_services.Hosts.Allows(request.Headers.Host))
        {
            return BadHost(context);
        }

        if (_services.Origins.AllowsForeign)
        {
            context.Response.Headers.Vary = "Origin";
        }

        var origin = request.Headers.Origin;
        if (origin.Count != 0 && !_services.Origins.Admit(context, origin.ToString()))
        {
            return Reject(context, StatusCodes.Status403Forbidden, "bad_origin",
                $"pages of '{Shortened(origin.ToString())}' may not call this API; add the origin to Api.Rest:AllowedOrigins");
        }

        if (_services.HasManagement && !rule.IsManagement && context.Features.Get<ManagementConnection>() is not null)
        {
            return Reject(context, StatusCodes.Status404NotFound, "not_found", "the management address serves /healthz and /metrics only");
        }

        if (WasRewritten(context) && NamesAPath(context))
        {
            return Reject(context, StatusCodes.Status400BadRequest, "bad_name", BadName);
        }

        if (request.ContentLength > _services.Options.Current.MaxBodyBytes)
        {
            // Said before anything runs: an endpoint that has no use for a body would not notice.
            return Reject(context, StatusCodes.Status413PayloadTooLarge, "too_large", TooLarge);
        }

        var remote = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (rule.Access == Access.Public)
        {
            return IPAddress.IsLoopback(remote) || HasTokens(remote.ToString(), post: false) ? null : TooFast(context);
        }

        var local = IPAddress.IsLoopback(remote) && !_services.Options.Current.RequireKey && !IsForwarded(request.Headers);
        if (local && request.Headers.Authorization.Count == 0 && rule.Access == Access.Read && !HasTicket(request, rule))
        {
            return null;
        }

        return RefuseCaller(context, rule, remote, local);
    }

    private Task? RefuseCaller(HttpContext context, EndpointRule rule, IPAddress remote, bool local)
    {
        var request = context.Request;
        var hasKey = request.Headers.Authorization.Count != 0;
        Caller? caller;
        if (hasKey || HasTicket(request, rule))
        {
            if (_services.Failures.RetryAfter(remote) is > 0 and var seconds)
            {
                return TooManyFailures(context, seconds);
            }

            caller = hasKey ? _services.Keys.Authenticate(request.Headers.Authorization.ToString(), local) : _services.Tickets.Redeem(request.Query["ticket"].ToString());
        }
        else
        {
            caller = local ? Caller.Local : null;
        }

        if (caller is null || (caller.KeyId is null && !caller.Allows(rule.Access)))
        {
            return Unauthorized(context, rule, remote);
        }

        var post = rule.Method == "POST";
        if ((post || !local || hasKey) && !HasTokens(caller.Name, post))
        {
            return TooFast(context);
        }

        if (!caller.Allows(rule.Access))
        {
            _services.Audit.Refused(caller.Name, $"{rule.Method} {rule.Pattern}", "forbidden", caller.KeyId);
            return Reject(context, StatusCodes.Status403Forbidden, "forbidden", $"key '{caller.KeyId}' lacks the scope '{rule.Access.ToString().ToLowerInvariant()}'");
        }

        context.Features.Set(caller.KeyId is null ? caller with { Name = remote.ToString() } : caller);
        return null;
    }

    private bool HasTokens(string caller, bool post)
    {
        var limits = _services.Options.Current;
        return _services.Rate.TryTake(post ? "post " + caller : caller, post ? limits.CommandsPerSecond : limits.RequestsPerSecond);
    }

    private Task TooFast(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        return Reject(context, StatusCodes.Status429TooManyRequests, "rate_limited", "more requests a second than this caller may make; slow down");
    }

    private Task Unauthorized(HttpContext context, EndpointRule rule, IPAddress remote)
    {
        if (_services.Failures.RetryAfter(remote) is > 0 and var seconds)
        {
            return TooManyFailures(context, seconds);
        }

        _services.Failures.Count(remote);
        _services.Audit.Refused(remote.ToString(), $"{rule.Method} {rule.Pattern}", "unauthorized", null);
        context.Response.Headers.WWWAuthenticate = Bearer;
        return Reject(context, StatusCodes.Status401Unauthorized, "unauthorized", "this needs a valid key: Authorization: Bearer KEY (omnisight keys add)");
    }

    private Task TooManyFailures(HttpContext context, int seconds)
    {
        context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Reject(context, StatusCodes.Status429TooManyRequests, "too_many_failures", $"too many requests without a valid key from this address; try again in {seconds} s");
    }

    private Task BadHost(HttpContext context) =>
        Reject(context, StatusCodes.Status400BadRequest, "bad_host",
            $"this API does not answer for host '{Shortened(context.Request.Headers.Host.ToString())}'; add it to Api.Rest:AllowedHosts");

    private Task Reject(HttpContext context, int statusCode, string code, string message)
    {
        if (_warnings.ShouldTell(code))
        {
            LogReject(_services.Logger, code, context.Connection.RemoteIpAddress, message);
        }

        return Reply.Error(context, statusCode, code, message);
    }

    private static bool HasTicket(HttpRequest request, EndpointRule rule) => rule.TakesTicket && request.QueryString.HasValue && request.Query.ContainsKey("ticket");

    /// <summary>A proxy on this machine speaks for others: they are not on loopback.</summary>
    private static bool IsForwarded(IHeaderDictionary headers) =>
        headers.ContainsKey("X-Forwarded-For") || headers.ContainsKey("Forwarded") || headers.ContainsKey("Via") || headers.ContainsKey("X-Real-IP")
        || headers.ContainsKey("X-Forwarded-Host") || headers.ContainsKey("X-Forwarded-Proto");

    private static string Shortened(string text) => text.Length <= 80 ? text : text[..80] + "...";

    [LoggerMessage(EventId = 6201, Level = LogLevel.Warning, Message = "request refused ({Code}) from {Remote}: {Reason}; further ones of this kind are counted, not logged, for a minute")]
    private static partial void LogReject(ILogger logger, string code, IPAddress? remote, string reason);
}
