using Microsoft.Extensions.Hosting;

namespace Omnisight.Api.Rest.Hosting;

/// <summary>The kernel owns the process and its signals; the web host only starts and stops when told.</summary>
internal sealed class ForeignLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
