using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.Transport.Shm;

namespace Omnisight.Benchmarks;

/// <summary>What a host would give the transport.</summary>
internal sealed class BenchmarkContext(string instance, ShmOptions options) : IPluginContext
{
    public string PluginId => "Transport.Shm";

    public string Instance => instance;

    public string RuntimeDirectory => Path.GetTempPath();

    public ILoggerFactory Loggers => NullLoggerFactory.Instance;

    public TimeProvider Time => TimeProvider.System;

    public ILiveOptions<T> Options<T>()
        where T : class, new() => new Fixed<T>((T)(object)options);

    private sealed record Fixed<T>(T Current) : ILiveOptions<T>;
}
