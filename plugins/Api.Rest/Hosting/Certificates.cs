using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Omnisight.Api.Rest.Hosting;

/// <summary>Reads the certificate of the https addresses: PEM (the key in the same file or one of its own) or PFX, with what else of its chain the file holds.</summary>
internal static class Certificates
{
    /// <exception cref="ArgumentException">The files are missing or not what they should be.</exception>
    public static SslStreamCertificateContext Load(RestOptions options)
    {
        var password = options.CertificatePassword.Length == 0 ? null : options.CertificatePassword;
        try
        {
            var all = new X509Certificate2Collection();
            X509Certificate2 leaf;
            if (IsPem(options.CertificatePath))
            {
                var key = options.CertificateKeyPath.Length == 0 ? options.CertificatePath : options.CertificateKeyPath;
                leaf = password is null
                    ? X509Certificate2.CreateFromPemFile(options.CertificatePath, key)
                    : X509Certificate2.CreateFromEncryptedPemFile(options.CertificatePath, password, key);
                all.ImportFromPemFile(options.CertificatePath);
            }
            else
            {
                all = X509CertificateLoader.LoadPkcs12CollectionFromFile(options.CertificatePath, password);
                leaf = all.FirstOrDefault(c => c.HasPrivateKey) ?? throw new CryptographicException("it holds no private key");
            }

            var chain = new X509Certificate2Collection(all.Where(c => !c.RawDataMemory.Span.SequenceEqual(leaf.RawDataMemory.Span)).ToArray());
            return SslStreamCertificateContext.Create(leaf, chain, offline: true);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"Api.Rest:CertificatePath: '{options.CertificatePath}' can't be used: {e.Message}", e);
        }
    }

    /// <summary>PEM is text and starts with a comment or a dash; PFX is DER and starts with a SEQUENCE.</summary>
    private static bool IsPem(string path)
    {
        const byte DerSequence = 0x30;
        using var file = File.OpenRead(path);
        return file.ReadByte() is >= 0 and not DerSequence;
    }
}
