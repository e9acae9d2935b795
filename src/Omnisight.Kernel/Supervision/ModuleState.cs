namespace Omnisight.Kernel.Supervision;

/// <summary>What a module is doing.</summary>
public enum ModuleState
{
    /// <summary>It was started and has not said that it is ready.</summary>
    Starting,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>It ended, and the next try waits.</summary>
    BackingOff,

    /// <summary>It was told to stop.</summary>
    Stopping,

    /// <summary>It is stopped.</summary>
    Stopped,

    /// <summary>It did not stop in time and is left behind.</summary>
    Abandoned,
}
