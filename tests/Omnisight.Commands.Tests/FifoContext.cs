using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.TestKit;

namespace Omnisight.Commands.Tests;

/// <summary>What a host would give the FIFO transport.</summary>
internal sealed class FifoContext(TestInstance instance) : IPluginContext
{
    public string PluginId => "Transport.Fifo";

    public string Instance => instance.Name;

    public string RuntimeDirectory => instance.Directory;

    public ILoggerFactory Loggers => NullLoggerFactory.Instance;

    public TimeProvider Time => TimeProvider.System;

    public ILiveOptions<T> Options<T>()
        where T : class, new() => new Fixed<T>(new T());

    private sealed record Fixed<T>(T Current) : ILiveOptions<T>;
}
