using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Omnisight.Kernel.Configuration;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel.Composition;

/// <summary>
/// Whether a plugin's options classes and the options of its plugin.json say the same: the manifest is what configuration, its schema and
/// <c>config check</c> know, the class is what the plugin gets.
/// </summary>
internal static class OptionsAgreement
{
    /// <summary>The settings of a class that nobody could ever set, because plugin.json does not have them; null when there are none.</summary>
    public static string? Unreachable(PluginManifest manifest, IEnumerable<Type> classes) => classes
        .SelectMany(c => OptionsBinder.Properties(c).Where(p => !manifest.Options.ContainsKey(p.Name)).Select(p =>
            $"its options class {c.FullName} has '{p.Name}', but plugin.json declares no such option, so nobody could set it; declare it under \"options\", or give the property no public setter"))
        .FirstOrDefault();

    /// <summary>Everything in which they differ, in words.</summary>
    public static IReadOnlyList<string> Differences(PluginManifest manifest, IReadOnlyList<Type> classes)
    {
        var properties = classes.SelectMany(c => OptionsBinder.Properties(c).Select(p => (Class: c, Property: p))).ToList();
        return
        [
            .. manifest.Options.Keys.Where(o => properties.TrueForAll(p => p.Property.Name != o)).Select(o => $"option '{o}' of plugin.json is in no options class, so it has no effect"),
            .. properties.Where(p => !manifest.Options.ContainsKey(p.Property.Name)).Select(p => $"{p.Class.Name}.{p.Property.Name} is not in plugin.json, so it can't be set"),
            .. properties.Where(p => manifest.Options.ContainsKey(p.Property.Name)).SelectMany(p => Differences(manifest.Options[p.Property.Name], p.Class, p.Property)),
        ];
    }

    private static IEnumerable<string> Differences(OptionSchema option, Type type, PropertyInfo property)
    {
        var name = $"{type.Name}.{property.Name}";
        if (property.IsDefined(typeof(RestartRequiredAttribute)) != option.Restart)
        {
            yield return option.Restart ? $"option '{option.Name}' says restart, {name} has no [RestartRequired]" : $"{name} has [RestartRequired], plugin.json does not say \"restart\": true";
        }

        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            if (Magnitude(range.Minimum) is { } low && option.Minimum?.Magnitude != low)
            {
                yield return $"{name} is at least {range.Minimum}, plugin.json has {(option.Minimum is null ? "no minimum" : $"the minimum {option.Minimum}")}";
            }

            if (Magnitude(range.Maximum) is { } high && option.Maximum?.Magnitude != high)
            {
                yield return $"{name} is at most {range.Maximum}, plugin.json has {(option.Maximum is null ? "no maximum" : $"the maximum {option.Maximum}")}";
            }
        }

        if (option.Default is { } value && WhyNotDefault(value, type, property) is { } why)
        {
            yield return $"the default of option '{option.Name}', {value}, {why}";
        }
    }

    private static string? WhyNotDefault(ConfigValue value, Type type, PropertyInfo property)
    {
        try
        {
            var (mine, theirs) = (property.GetValue(Activator.CreateInstance(type)), OptionsBinder.Convert(value, property.PropertyType));
            var same = mine is System.Collections.IEnumerable and not string && theirs is System.Collections.IEnumerable
                ? ((System.Collections.IEnumerable)mine).Cast<object>().SequenceEqual(((System.Collections.IEnumerable)theirs).Cast<object>())
                : Equals(mine, theirs);
            return same ? null : $"is not that of {type.Name}, {Convert.ToString(mine, CultureInfo.InvariantCulture)}";
        }
        catch (Exception e)
        {
            return $"can't become the {property.PropertyType.Name} of {type.Name}: {(e.InnerException ?? e).Message}";
        }
    }

    /// <summary>As bounds in a manifest are compared: durations in ticks. A bound that is none of the two has no place there.</summary>
    private static double? Magnitude(object bound) => bound switch
    {
        int whole => whole,
        double number => number,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        string text when Durations.TryParse(text, out var span) => span.Ticks,
        TimeSpan span => span.Ticks,
        _ => null,
    };
}
