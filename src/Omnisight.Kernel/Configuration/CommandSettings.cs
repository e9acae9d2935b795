namespace Omnisight.Kernel.Configuration;

/// <summary>Whether and how this process answers commands.</summary>
public sealed record CommandSettings
{
    /// <summary>true, false; null = auto: when a loaded module offers a channel.</summary>
    public bool? Serve { get; init; }

    /// <summary>Commands with effects per second; 0 = no limit.</summary>
    public int Rate { get; init; } = 200;

    /// <summary>The group whose members may send commands; null = only this user.</summary>
    public string? Group { get; init; }

    /// <summary>How long a handler may take before it is answered for with <c>timeout</c>.</summary>
    public TimeSpan HandlerTimeout { get; init; } = TimeSpan.FromMilliseconds(800);
}
