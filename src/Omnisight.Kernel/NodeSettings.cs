using System.Reflection;
using Microsoft.Extensions.Logging;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Kernel;

/// <summary>What a node is made from.</summary>
public sealed record NodeSettings
{
    /// <summary>Its configuration.</summary>
    public required NodeConfiguration Configuration { get; init; }

    /// <summary>Where it logs.</summary>
    public required ILoggerFactory Loggers { get; init; }

    /// <summary>Its clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Assemblies with messages that the program brings along; plugins share them.</summary>
    public IReadOnlyList<Assembly> BuiltIn { get; init; } = [];

    /// <summary>The program's version, for the status document.</summary>
    public string Version { get; init; } = "";
}
