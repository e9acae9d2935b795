using Microsoft.Extensions.Logging;

namespace Omnisight.Api.Rest.Hosting;

/// <summary>Sends the web host's log to the kernel's loggers.</summary>
internal sealed class HostLogging(ILoggerFactory loggers) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => loggers.CreateLogger(categoryName);

    public void Dispose()
    {
    }
}
