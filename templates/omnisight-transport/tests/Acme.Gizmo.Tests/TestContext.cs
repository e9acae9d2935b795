using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Omnisight;

namespace Acme.Gizmo.Tests;

/// <summary>What the host gives a plugin, with a directory of the test's own.</summary>
internal sealed class TestContext : IPluginContext, IDisposable
{
    public string PluginId => "Acme.Gizmo";

    public string Instance { get; } = $"t{Guid.NewGuid():n}"[..31];

    public string RuntimeDirectory { get; } = Directory.CreateTempSubdirectory("gizmo-").FullName;

    public ILoggerFactory Loggers => NullLoggerFactory.Instance;

    public TimeProvider Time => TimeProvider.System;

    public ILiveOptions<T> Options<T>()
        where T : class, new() => new Fixed<T>(new T());

    public void Dispose() => Directory.Delete(RuntimeDirectory, recursive: true);

    private sealed record Fixed<T>(T Current) : ILiveOptions<T>;
}
