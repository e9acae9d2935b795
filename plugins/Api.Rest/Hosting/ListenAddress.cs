using System.Globalization;
using System.Net;

namespace Omnisight.Api.Rest.Hosting;

/// <summary>One address of Api.Rest:Urls, checked.</summary>
/// <param name="Scheme">http or https.</param>
/// <param name="Host">As it was written.</param>
/// <param name="Address">The address to bind; null = localhost on both families.</param>
/// <param name="Port">0 = any free port.</param>
internal sealed record ListenAddress(string Scheme, string Host, IPAddress? Address, int Port)
{
    public bool IsTls => Scheme == "https";

    public bool IsLoopback => Address is null || IPAddress.IsLoopback(Address);

    /// <summary>Parses a list separated by ';' or ','.</summary>
    /// <exception cref="ArgumentException">What is wrong, and what to write instead.</exception>
    public static IReadOnlyList<ListenAddress> ParseList(string urls, string option)
    {
        var list = urls.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(u => Parse(u, option)).ToArray();
        return list;
    }

    /// <summary>Refuses what would let strangers read without an encrypted connection.</summary>
    /// <exception cref="ArgumentException">A public address without https.</exception>
    public void CheckPublic(bool hasCertificate, string option)
    {
        if (!IsLoopback && !IsTls)
        {
            throw new ArgumentException(
                $"{option}: {this} is reachable from other machines without encryption; use https with Api.Rest:CertificatePath, or a loopback address behind a TLS proxy");
        }

        if (IsTls && !hasCertificate)
        {
            throw new ArgumentException($"{option}: {this} needs a certificate; set Api.Rest:CertificatePath (and CertificateKeyPath for PEM)");
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{Host}:{Port}");

    private static ListenAddress Parse(string url, string option)
    {
        // '*' and '+' are how ASP.NET writes "any address"; Uri does not take them.
        var readable = url.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
        if (!Uri.TryCreate(readable, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/")
        {
            throw new ArgumentException($"{option}: '{url}' is not an address; write http://127.0.0.1:8080 or https://0.0.0.0:8443");
        }

        var host = uri.Host.Trim('[', ']');
        if (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase))
        {
            return new ListenAddress(uri.Scheme, uri.Host, null, uri.Port);
        }

        return IPAddress.TryParse(host, out var address)
            ? new ListenAddress(uri.Scheme, uri.Host, address, uri.Port)
            : throw new ArgumentException($"{option}: '{host}' in '{url}' is neither an IP address nor localhost; name the address to listen on, and the host name in Api.Rest:AllowedHosts");
    }
}
