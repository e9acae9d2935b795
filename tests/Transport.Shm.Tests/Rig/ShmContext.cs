using Microsoft.Extensions.Logging;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>What a host would give the transport; the log is kept for assertions.</summary>
internal sealed class ShmContext(TestInstance instance, ShmOptions? options = null) : IPluginContext
{
    public LogLines Log { get; } = new();

    public string PluginId => "Transport.Shm";

    public string Instance => instance.Name;

    public string RuntimeDirectory => instance.Directory;

    public ILoggerFactory Loggers => Log;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILiveOptions<T> Options<T>()
        where T : class, new() => new Fixed<T>((T)(object)(options ?? new ShmOptions()));

    private sealed record Fixed<T>(T Current) : ILiveOptions<T>;
}
