using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Omnisight.Api.Rest.Envelopes;

namespace Omnisight.Api.Rest.Security;

/// <summary>What the gate does with errors: those of endpoints, and those that the framework makes before there is one.</summary>
internal sealed partial class Gate
{
    private async Task Finish(HttpContext context, EndpointRule rule, long start, Task work)
    {
        try
        {
            await work;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            await Fault(context, rule, e);
        }
        finally
        {
            CountReject(context);
            // A stream lasts as long as its client likes: no latency.
            rule.Counters.Count(context.Response.StatusCode, rule.TakesTicket ? TimeSpan.Zero : _services.Time.GetElapsedTime(start));
        }
    }

    private async Task Fault(HttpContext context, EndpointRule rule, Exception e)
    {
        var known = Known(e);
        if (known is null)
        {
            LogFault(_services.Logger, e, rule.Method, rule.Pattern);
        }

        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        var (status, code, message) = known ?? (StatusCodes.Status500InternalServerError, "internal_error", "the API failed to answer; its log says why");
        await Reject(context, status, code, message);
    }

    private static (int Status, string Code, string Message)? Known(Exception e) => e switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => (StatusCodes.Status413PayloadTooLarge, "too_large", TooLarge),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => (StatusCodes.Status408RequestTimeout, "request_timeout", "the body came too slowly"),
        BadHttpRequestException bad => (bad.StatusCode, "bad_request", bad.Message),
        _ => null,
    };

    /// <summary>Counts what was turned away, by the code that the client was told.</summary>
    private void CountReject(HttpContext context)
    {
        if (context.Response.StatusCode is >= 400 and < 500 && Reply.CodeOf(context) is { } code)
        {
            _services.Rejects.Count(code);
        }
    }

    /// <summary>No endpoint: 404, 405, or a browser asking whether it may call.</summary>
    private async Task Unrouted(HttpContext context, RequestDelegate next)
    {
        await AnswerUnrouted(context, next);
        CountReject(context);
    }

    private async Task AnswerUnrouted(HttpContext context, RequestDelegate next)
    {
        if (!_services.Hosts.Allows(context.Request.Headers.Host))
        {
            await BadHost(context);
            return;
        }

        if (HttpMethods.IsOptions(context.Request.Method) && _services.Origins.AnswerPreflight(context))
        {
            return;
        }

        var remote = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (!IPAddress.IsLoopback(remote) && !HasTokens(remote.ToString(), post: false))
        {
            await TooFast(context);
            return;
        }

        // A page that may call is to see what was wrong with its call.
        _ = context.Request.Headers.Origin is { Count: > 0 } origin && _services.Origins.Admit(context, origin.ToString());

        if (NamesAPath(context))
        {
            await Reject(context, StatusCodes.Status400BadRequest, "bad_name", BadName);
            return;
        }

        await next(context);
        if (context.Response.HasStarted || context.Response.StatusCode < 400)
        {
            return;
        }

        if (HttpMethods.IsOptions(context.Request.Method) && context.Response.StatusCode == StatusCodes.Status405MethodNotAllowed)
        {
            // What the path takes is in Allow: that was the question.
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var path = Shortened(context.Request.Path.Value ?? "/");
        var (code, message) = context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => ("not_found", $"there is nothing at {path}; /openapi/v1.json lists what there is"),
            StatusCodes.Status405MethodNotAllowed => ("method_not_allowed", $"{path} does not take {Shortened(context.Request.Method)}; it takes {context.Response.Headers.Allow}"),
            StatusCodes.Status415UnsupportedMediaType => ("unsupported_media_type", "the body must be application/json"),
            _ => ("bad_request", "the request can't be answered"),
        };
        await Reply.Error(context, context.Response.StatusCode, code, message);
    }

    /// <summary>Is the path another than was sent?</summary>
    private static bool WasRewritten(HttpContext context) =>
        context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>() is { RawTarget: { Length: > 0 } raw } && !raw.StartsWith(context.Request.Path.Value ?? "", StringComparison.Ordinal);

    /// <summary>The server removed dot segments before routing; what was sent still shows that somebody tried.</summary>
    private static bool NamesAPath(HttpContext context)
    {
        var raw = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()?.RawTarget ?? "";
        var path = raw.AsSpan(0, raw.IndexOf('?', StringComparison.Ordinal) is >= 0 and var end ? end : raw.Length);
        return path.Contains("..", StringComparison.Ordinal) || path.Contains("%2e", StringComparison.OrdinalIgnoreCase)
            || path.Contains("%2f", StringComparison.OrdinalIgnoreCase) || path.Contains("%00", StringComparison.Ordinal);
    }

    [LoggerMessage(EventId = 6202, Level = LogLevel.Error, Message = "{Method} {Pattern} failed")]
    private static partial void LogFault(ILogger logger, Exception e, string method, string pattern);
}
