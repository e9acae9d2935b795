using System.IO.Compression;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Omnisight.Api.Rest.Envelopes;

namespace Omnisight.Api.Rest.Endpoints;

/// <summary>The dashboard, the API reference and the OpenAPI document: files inside this assembly, so nothing is looked up on disk and nothing comes from elsewhere.</summary>
internal static class PageEndpoints
{
    private static readonly StringValues Revalidate = "no-cache";
    private static readonly StringValues Policy = "default-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    /// <summary>The reference page's script makes styles of its own.</summary>
    private static readonly StringValues ReferencePolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";
    private static readonly StringValues NoReferrer = "no-referrer";
    private static readonly Lazy<byte[]> Packed = new(Pack);
    private static readonly Lazy<byte[]> Unpacked = new(Unpack);

    public static void Map(Routes routes)
    {
        var pages = Files();
        routes.Get("/", context => Send(context, pages["index.html"], Policy));
        routes.Get("/dashboard/{file}", context => pages.TryGetValue(context.Request.RouteValues["file"] as string ?? "", out var page) && page.Name != "reference.html"
            ? Send(context, page, Policy)
            : Reply.Error(context, StatusCodes.Status404NotFound, "not_found", "the dashboard has no such file"));
        routes.Get("/docs", context => Send(context, pages["reference.html"], ReferencePolicy));
        routes.Get("/docs/scalar.js", Script);
        routes.Get("/openapi/v1.json", context => Send(context, pages["openapi.json"], Policy));
    }

    private sealed record Page(string Name, string ContentType, byte[] Bytes, string Tag);

    private static Dictionary<string, Page> Files()
    {
        const string Prefix = "www/";
        var assembly = typeof(PageEndpoints).Assembly;
        return assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Select(n => Read(assembly, n, n[Prefix.Length..])).ToDictionary(p => p.Name);
    }

    private static Page Read(Assembly assembly, string resource, string name)
    {
        using var stream = assembly.GetManifestResourceStream(resource)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var type = Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => "application/json; charset=utf-8",
        };
        return new Page(name, type, bytes, $"\"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes))[..16]}\"");
    }

    private static async Task Send(HttpContext context, Page page, StringValues policy)
    {
        var headers = context.Response.Headers;
        headers.ETag = page.Tag;
        headers.CacheControl = Revalidate;
        headers.ContentSecurityPolicy = policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = NoReferrer;
        if (EntityTags.Match(context.Request.Headers.IfNoneMatch, page.Tag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = page.ContentType;
        context.Response.ContentLength = page.Bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(page.Bytes, context.RequestAborted);
        }
    }

    /// <summary>Scalar's script as its package holds it, in gzip; unpacked once for whoever can't take that.</summary>
    private static async Task Script(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "public, max-age=86400";
        headers.XContentTypeOptions = "nosniff";
        headers.Append("Vary", "Accept-Encoding");
        context.Response.ContentType = "text/javascript; charset=utf-8";
        var packed = context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
        if (packed)
        {
            headers.ContentEncoding = "gzip";
        }

        var bytes = packed ? Packed.Value : Unpacked.Value;
        context.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        }
    }

    private static byte[] Pack()
    {
        using var stream = typeof(Scalar.AspNetCore.ScalarOptions).Assembly.GetManifestResourceStream("ScalarStaticAssets.scalar.js")
            ?? throw new InvalidOperationException("Scalar.AspNetCore no longer holds ScalarStaticAssets.scalar.js");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static byte[] Unpack()
    {
        using var plain = new GZipStream(new MemoryStream(Packed.Value), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        plain.CopyTo(bytes);
        return bytes.ToArray();
    }
}
