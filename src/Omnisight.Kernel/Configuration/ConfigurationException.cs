namespace Omnisight.Kernel.Configuration;

/// <summary>A configuration that can't be used. All that is wrong with it at once.</summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>With everything that is wrong.</summary>
    public ConfigurationException(IReadOnlyList<ConfigError> errors, int exitCode = 2)
        : base(string.Join('\n', errors)) => (Errors, ExitCode) = (errors, exitCode);

    /// <summary>What is wrong, in the order of the sources.</summary>
    public IReadOnlyList<ConfigError> Errors { get; }

    /// <summary>The program's exit code: 2 configuration, 4 refused for safety, 77 no permission.</summary>
    public int ExitCode { get; }
}
