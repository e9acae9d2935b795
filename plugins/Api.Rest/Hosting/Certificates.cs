using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Omnisight.Api.Rest.Hosting;

/// <summary>Loads the certificate of the https addresses.</summary>
internal static class Certificates
{
    /// <exception cref="ArgumentException">The files are missing or not what they should be.</exception>
    public static X509Certificate2 Load(RestOptions options)
    {
        var password = options.CertificatePassword.Length == 0 ? null : options.CertificatePassword;
        try
        {
            if (options.CertificateKeyPath.Length == 0)
            {
                return X509CertificateLoader.LoadPkcs12FromFile(options.CertificatePath, password);
            }

            return password is null
                ? X509Certificate2.CreateFromPemFile(options.CertificatePath, options.CertificateKeyPath)
                : X509Certificate2.CreateFromEncryptedPemFile(options.CertificatePath, password, options.CertificateKeyPath);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"Api.Rest:CertificatePath: '{options.CertificatePath}' can't be used: {e.Message}", e);
        }
    }
}
