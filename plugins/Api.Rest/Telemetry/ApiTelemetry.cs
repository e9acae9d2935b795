using System.Diagnostics;

namespace Omnisight.Api.Rest.Telemetry;

/// <summary>The names under which this plugin is observed.</summary>
internal static class ApiTelemetry
{
    public const string Name = "Omnisight.Api.Rest";

    /// <summary>Spans of commands; costs nothing until somebody listens.</summary>
    public static readonly ActivitySource Activities = new(Name);
}
