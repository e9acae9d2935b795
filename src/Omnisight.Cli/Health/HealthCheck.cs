namespace Omnisight.Cli.Health;

/// <summary>How a check came out.</summary>
internal enum HealthResult
{
    Ok,
    Warning,
    Failed,
}

/// <summary>One thing that doctor looked at, with what mends it.</summary>
internal sealed record HealthCheck(string Name, HealthResult Result, string Detail, string Fix = "")
{
    public static HealthCheck Ok(string name, string detail) => new(name, HealthResult.Ok, detail);

    public static HealthCheck Warning(string name, string detail, string fix) => new(name, HealthResult.Warning, detail, fix);

    public static HealthCheck Failed(string name, string detail, string fix) => new(name, HealthResult.Failed, detail, fix);
}
