using System.ComponentModel.DataAnnotations;

namespace Omnisight.Api.Rest;

/// <summary>The options of Api.Rest; the manifest describes them for operators.</summary>
public sealed class RestOptions : IValidatableObject
{
    /// <summary>Where the API listens, separated by ';'. Port 0 = any free one. A public address needs https.</summary>
    [RestartRequired]
    public string Urls { get; set; } = "http://127.0.0.1:8080";

    /// <summary>More addresses that serve only /healthz and /metrics, so that they answer when the API's own are full. Empty = none.</summary>
    [RestartRequired]
    public string ManagementUrls { get; set; } = "";

    /// <summary>PEM or PFX file with the certificate of the https addresses.</summary>
    [RestartRequired]
    public string CertificatePath { get; set; } = "";

    /// <summary>PEM file with the certificate's key, where it is a file of its own.</summary>
    [RestartRequired]
    public string CertificateKeyPath { get; set; } = "";

    /// <summary>Password of a PFX file.</summary>
    [RestartRequired]
    public string CertificatePassword { get; set; } = "";

    /// <summary>Host names under which clients may call, besides those in Urls and the names of loopback.</summary>
    [RestartRequired]
    public string[] AllowedHosts { get; set; } = [];

    /// <summary>Web origins (https://example.org) that may call from a browser; empty = only the API's own pages.</summary>
    [RestartRequired]
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>Most connections held at once; more are closed as they come.</summary>
    [Range(1, 100_000)]
    [RestartRequired]
    public int MaxConnections { get; set; } = 1000;

    /// <summary>Asks callers on this machine for a key too: for nodes behind a proxy that does not say that it forwards, or with users who are not to read.</summary>
    public bool RequireKey { get; set; }

    /// <summary>Largest request body in bytes.</summary>
    [Range(1024, 16_777_216)]
    [RestartRequired]
    public int MaxBodyBytes { get; set; } = 65_536;

    /// <summary>Requests a second per key, or per address without one; loopback without a key is exempt. 0 = no limit.</summary>
    [Range(0, 1_000_000)]
    public int RequestsPerSecond { get; set; } = 500;

    /// <summary>POST requests a second per key, or per address without one. 0 = no limit.</summary>
    [Range(0, 10_000)]
    public int CommandsPerSecond { get; set; } = 50;

    /// <summary>How long a request waits for the core's acknowledgement.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:30")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>A client that takes nothing of what it is sent for this long is cut.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan StreamWriteTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Kernel send buffer of a connection in bytes: what a stalled client can pin.</summary>
    [Range(4096, 4_194_304)]
    [RestartRequired]
    public int SendBufferBytes { get; set; } = 32_768;

    /// <summary>How many timeline frames /api/timeline/history keeps.</summary>
    [Range(1, 10_000)]
    [RestartRequired]
    public int TimelineHistory { get; set; } = 120;

    /// <summary>OTLP endpoint for metrics and traces (http://127.0.0.1:4317); empty = nothing is exported.</summary>
    [RestartRequired]
    public string OtlpEndpoint { get; set; } = "";

    /// <summary>Where to export to; null = nowhere.</summary>
    /// <exception cref="ArgumentException">It is no http address.</exception>
    internal Uri? Otlp => OtlpEndpoint.Length == 0 ? null
        : Uri.TryCreate(OtlpEndpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri
        : throw new ArgumentException($"Api.Rest:OtlpEndpoint: '{OtlpEndpoint}' is not an address; write http://127.0.0.1:4317");

    /// <summary>Refuses addresses that can't be served safely.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, check) in new (string, Action)[] { (nameof(Urls), () => _ = Hosting.RestServer.Plan(this)), (nameof(OtlpEndpoint), () => _ = Otlp) })
        {
            if (Problem($"Api.Rest:{name}: ", check) is { } problem)
            {
                yield return new ValidationResult(problem, [name]);
            }
        }
    }

    private static string? Problem(string prefix, Action check)
    {
        try
        {
            check();
            return null;
        }
        catch (ArgumentException e)
        {
            // Whoever shows the problem puts the key before it.
            return e.Message.StartsWith(prefix, StringComparison.Ordinal) ? e.Message[prefix.Length..] : e.Message;
        }
    }
}
