using System.Net.Security;
using Microsoft.Extensions.Logging;

namespace Omnisight.Api.Rest.Hosting;

/// <summary>The certificate in force. A renewed file is taken up by the next connection; one that can't be used leaves the old in force.</summary>
internal sealed partial class ServerCertificate
{
    private const long LookEveryNs = 1_000_000_000;
    private readonly RestOptions _options;
    private readonly Lock _looking = new();
    private volatile SslStreamCertificateContext _current;
    private (DateTime Certificate, DateTime Key) _seen;
    private long _lookedNs;

    /// <exception cref="ArgumentException">The files are missing or not what they should be.</exception>
    public ServerCertificate(RestOptions options)
    {
        _options = options;
        _seen = Written();
        _current = Certificates.Load(options);
    }

    public SslStreamCertificateContext Current(TimeProvider time, ILogger logger)
    {
        lock (_looking)
        {
            var now = MonotonicClock.NowNs(time);
            if (now - _lookedNs < LookEveryNs)
            {
                return _current;
            }

            _lookedNs = now;
            if (Written() is var written && written != _seen)
            {
                _seen = written;
                Reload(logger);
            }

            return _current;
        }
    }

    private void Reload(ILogger logger)
    {
        try
        {
            _current = Certificates.Load(_options);
            var until = _current.TargetCertificate.NotAfter.ToUniversalTime();
            LogRenewed(logger, _options.CertificatePath, until);
        }
        catch (ArgumentException e)
        {
            LogNotRenewed(logger, e.Message);
        }
    }

    private (DateTime, DateTime) Written() =>
        (File.GetLastWriteTimeUtc(_options.CertificatePath), _options.CertificateKeyPath.Length == 0 ? default : File.GetLastWriteTimeUtc(_options.CertificateKeyPath));

    [LoggerMessage(EventId = 6003, Level = LogLevel.Information, Message = "the certificate in {Path} was renewed; it is good until {Until:u}")]
    private static partial void LogRenewed(ILogger logger, string path, DateTime until);

    [LoggerMessage(EventId = 6004, Level = LogLevel.Warning, Message = "{Problem}; the certificate before it stays in force")]
    private static partial void LogNotRenewed(ILogger logger, string problem);
}
