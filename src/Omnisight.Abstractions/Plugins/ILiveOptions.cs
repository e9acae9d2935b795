namespace Omnisight;

/// <summary>Options that may change while the plugin runs. Thread-safe.</summary>
public interface ILiveOptions<out T>
{
    /// <summary>The options now: a whole, validated object that never changes; a change replaces it. Read it once per round of a loop.</summary>
    T Current { get; }
}
