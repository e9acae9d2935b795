namespace Omnisight.Kernel.Configuration;

/// <summary>The options object of one plugin, replaced as a whole by a change that every options object of the plugin accepts.</summary>
internal abstract class LiveOptions
{
    /// <summary>Makes the object that would follow from these entries, adding what it refuses to <paramref name="errors"/>; the returned action puts it in force.</summary>
    public abstract Action Prepare(IReadOnlyDictionary<string, ConfigEntry> entries, List<ConfigError> errors);
}

/// <summary>For one options class.</summary>
internal sealed class LiveOptions<T>(string section, T first) : LiveOptions, ILiveOptions<T>
    where T : class, new()
{
    private T _current = first;

    public T Current => Volatile.Read(ref _current);

    public override Action Prepare(IReadOnlyDictionary<string, ConfigEntry> entries, List<ConfigError> errors)
    {
        try
        {
            var next = OptionsBinder.Bind<T>(section, entries, errors);
            return () => Volatile.Write(ref _current, next);
        }
        catch (Exception e)
        {
            // The class is the plugin's: a rule of it that throws refuses the change, and disturbs no other.
            errors.Add(new ConfigError("bad_value", section, $"{typeof(T).FullName} can't be made from these values: {e.GetType().Name}: {e.Message}"));
            return () => { };
        }
    }
}
