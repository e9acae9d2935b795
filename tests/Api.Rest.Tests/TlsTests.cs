using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Omnisight.Api.Rest.Tests.Node;
using Omnisight.TestKit;
using Shouldly;

namespace Omnisight.Api.Rest.Tests;

public sealed class TlsTests : IDisposable
{
    private readonly TestInstance _files = new();
    /// <summary>Below a root: a root itself is never sent.</summary>
    private readonly X509Certificate2 _authority = Intermediate("authority");

    [Theory]
    [InlineData("key in the same PEM")]
    [InlineData("key in a PEM of its own")]
    [InlineData("key with a password")]
    [InlineData("PFX")]
    public async Task A_certificate_is_served_with_its_chain(string form)
    {
        await using var api = await RunningApi.Start(n => Arrange(n.Current, form, Leaf("first")));
        var (leaf, chain) = await Presented(api.Urls[0]);
        leaf.ShouldBe("CN=first");
        chain.ShouldContain("CN=authority");
    }

    [Fact]
    public async Task A_renewed_certificate_is_taken_up_and_a_broken_one_changes_nothing()
    {
        await using var api = await RunningApi.Start(n => Arrange(n.Current, "key in the same PEM", Leaf("first")));
        (await Presented(api.Urls[0])).Leaf.ShouldBe("CN=first");
        await File.WriteAllTextAsync(_files.FilePath("tls.pem"), "no certificate");
        await Eventually.Become(async () => (await Presented(api.Urls[0])).Leaf == "CN=first" && api.Node.Log.Lines.Any(l => l.Id.Id == 6004), "the broken file is told of, and the old certificate serves");
        Arrange(api.Node.Current, "key in the same PEM", Leaf("second"));
        await Eventually.Become(async () => (await Presented(api.Urls[0])).Leaf == "CN=second", "the new certificate is in force");
    }

    [Fact]
    public async Task A_certificate_that_is_none_is_refused_at_start_naming_the_file()
    {
        await File.WriteAllTextAsync(_files.FilePath("tls.pem"), "no certificate");
        var error = await Should.ThrowAsync<ArgumentException>(RunningApi.Start(n => (n.Current.Urls, n.Current.CertificatePath) = ("https://127.0.0.1:0", _files.FilePath("tls.pem"))));
        error.Message.ShouldContain(_files.FilePath("tls.pem"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Values_streams_and_sockets_work_over_tls_in_either_http(int version)
    {
        await using var api = await RunningApi.Start(n =>
        {
            Arrange(n.Current, "PFX", Leaf("first"));
            n["detections"].Publish(Frames.Detections);
        });
        using var handler = new SocketsHttpHandler { UseProxy = false, SslOptions = new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.Issuer == _authority.Subject } };
        using var client = new HttpClient(handler)
        {
            BaseAddress = api.Urls[0],
            DefaultRequestVersion = new Version(version, version == 1 ? 1 : 0),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using (var value = await client.GetAsync("/api/perception/detections"))
        {
            value.StatusCode.ShouldBe(HttpStatusCode.OK);
            value.Version.Major.ShouldBe(version);
        }

        using (var events = await EventReader.Open(client, "/api/stream?channels=detections"))
        {
            _ = await events.Next("detections");
        }

        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = client.DefaultRequestVersion;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.SetRequestHeader("Origin", $"https://{api.Urls[0].Authority}");
        await socket.ConnectAsync(new Uri($"wss://{api.Urls[0].Authority}/api/ws?channels=detections"), client, CancellationToken.None);
        var buffer = new byte[4096];
        var got = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        JsonDocument.Parse(buffer.AsMemory(0, got.Count)).RootElement.GetProperty("event").GetString().ShouldBe("hello");
    }

    public void Dispose()
    {
        _authority.Dispose();
        _files.Dispose();
    }

    private void Arrange(RestOptions options, string form, X509Certificate2 leaf)
    {
        const string Password = "secret";
        var authority = _authority.ExportCertificatePem();
        using var key = leaf.GetECDsaPrivateKey()!;
        options.Urls = "https://127.0.0.1:0";
        options.CertificatePath = _files.FilePath("tls.pem");
        var pem = $"{leaf.ExportCertificatePem()}\n{authority}\n";
        switch (form)
        {
            case "key in the same PEM":
                File.WriteAllText(options.CertificatePath, pem + key.ExportPkcs8PrivateKeyPem());
                break;
            case "PFX":
                options.CertificatePassword = Password;
                File.WriteAllBytes(options.CertificatePath, new X509Certificate2Collection(new[] { leaf, X509CertificateLoader.LoadCertificate(_authority.RawData) }).Export(X509ContentType.Pkcs12, Password)!);
                break;
            default:
                options.CertificateKeyPath = _files.FilePath("tls.key");
                File.WriteAllText(options.CertificatePath, pem);
                options.CertificatePassword = form == "key with a password" ? Password : "";
                File.WriteAllText(options.CertificateKeyPath, form == "key with a password"
                    ? key.ExportEncryptedPkcs8PrivateKeyPem(Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000))
                    : key.ExportPkcs8PrivateKeyPem());
                break;
        }
    }

    private static X509Certificate2 Intermediate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = Request("root", key, isAuthority: true).CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-2), TimeProvider.System.GetUtcNow().AddDays(30));
        return Signed(name, root, isAuthority: true);
    }

    private X509Certificate2 Leaf(string name) => Signed(name, _authority, isAuthority: false);

    private static X509Certificate2 Signed(string name, X509Certificate2 by, bool isAuthority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signed = Request(name, key, isAuthority).Create(by, TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddDays(isAuthority ? 20 : 10), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    private static CertificateRequest Request(string name, ECDsa key, bool isAuthority)
    {
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        return request;
    }

    /// <summary>What a new connection is shown.</summary>
    private static async Task<(string Leaf, string[] Chain)> Presented(Uri server)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port);
        var (leaf, sent) = ("", Array.Empty<string>());
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
            {
                (leaf, sent) = (certificate!.Subject, [.. chain!.ChainPolicy.ExtraStore.Select(c => c.Subject)]);
                return true;
            },
        });
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET /healthz HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(tls);
        (await reader.ReadToEndAsync()).ShouldStartWith("HTTP/1.1 200");
        return (leaf, sent);
    }
}
