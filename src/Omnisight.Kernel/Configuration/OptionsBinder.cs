using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Omnisight.Kernel.Configuration;

/// <summary>
/// Makes an options object from a section and checks its DataAnnotations. Keeps nothing: a static cache (as
/// <see cref="Validator"/> has) would hold the plugin's load context for ever.
/// </summary>
internal static class OptionsBinder
{
    public static T Bind<T>(string section, IReadOnlyDictionary<string, ConfigEntry> entries, List<ConfigError> errors)
        where T : class, new()
    {
        var options = new T();
        Fill(options, section, entries, errors);
        return options;
    }

    /// <summary>Sets what the section has, and checks the whole.</summary>
    public static void Fill(object options, string section, IReadOnlyDictionary<string, ConfigEntry> entries, List<ConfigError> errors)
    {
        foreach (var property in Properties(options.GetType()))
        {
            if (!entries.TryGetValue($"{section}:{property.Name}", out var entry))
            {
                continue;
            }

            try
            {
                property.SetValue(options, Convert(entry.Value, property.PropertyType));
            }
            catch (Exception e) when (e is InvalidCastException or FormatException or OverflowException or ArgumentException or TargetInvocationException or MissingMethodException)
            {
                errors.Add(new ConfigError("bad_value", entry.Key, $"{Shown(entry)} can't become {property.PropertyType.Name}: {(e.InnerException ?? e).Message}", entry.Source.Place));
            }
        }

        Validate(section, options, entries, errors);
    }

    /// <summary>The settings of an options class: its public properties that can be set.</summary>
    public static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p is { CanRead: true, SetMethod.IsPublic: true } && p.GetIndexParameters().Length == 0);

    private static void Validate(string section, object options, IReadOnlyDictionary<string, ConfigEntry> entries, List<ConfigError> errors)
    {
        foreach (var property in Properties(options.GetType()))
        {
            var key = $"{section}:{property.Name}";
            var entry = entries.GetValueOrDefault(key);
            var value = property.GetValue(options);

            // The display name is given, because looking it up would enter the type into a static cache.
            var context = new ValidationContext(options, property.Name, null, null) { MemberName = property.Name };
            foreach (var rule in property.GetCustomAttributes<ValidationAttribute>(inherit: true))
            {
                if (rule.GetValidationResult(value, context) is { } result && result != ValidationResult.Success)
                {
                    var code = rule is RangeAttribute ? "out_of_range" : "bad_value";
                    errors.Add(new ConfigError(code, key, $"{(entry is null ? $"'{value}'" : Shown(entry))}: {result.ErrorMessage ?? "not valid"}", entry?.Source.Place ?? ""));
                }
            }
        }

        foreach (var rule in options.GetType().GetCustomAttributes<ValidationAttribute>(inherit: true))
        {
            if (rule.GetValidationResult(options, new ValidationContext(options, section, null, null)) is { } result && result != ValidationResult.Success)
            {
                errors.Add(new ConfigError("bad_value", section, result.ErrorMessage ?? "not valid"));
            }
        }

        if (options is IValidatableObject whole)
        {
            foreach (var result in whole.Validate(new ValidationContext(options, section, null, null)))
            {
                var member = result.MemberNames.FirstOrDefault();
                errors.Add(new ConfigError("bad_value", member is null ? section : $"{section}:{member}", result.ErrorMessage ?? "not valid"));
            }
        }
    }

    private static string Shown(ConfigEntry entry) => entry.Option.Secret ? "this value" : $"'{entry.Value}'";

    /// <summary>A value as a property of this type takes it.</summary>
    public static object Convert(ConfigValue value, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsInstanceOfType(value.Value))
        {
            return value.Value;
        }

        if (type.IsEnum)
        {
            var text = value.ToString().Replace("_", "", StringComparison.Ordinal);

            // A number would be taken for any value there is, and for those there are not.
            return value.Value is string && !char.IsAsciiDigit(text.FirstOrDefault()) ? Enum.Parse(type, text, ignoreCase: true) : throw new FormatException($"it is not one of {string.Join(", ", Enum.GetNames(type))}");
        }

        if (type == typeof(Uri))
        {
            return new Uri(value.ToString());
        }

        var element = type.IsArray ? type.GetElementType() : type.IsGenericType ? type.GetGenericArguments()[0] : null;
        if (element is null)
        {
            return System.Convert.ChangeType(value.Value, type, CultureInfo.InvariantCulture);
        }

        var items = Array.CreateInstance(element, value.Items.Count);
        for (var i = 0; i < value.Items.Count; i++)
        {
            items.SetValue(Convert(value.Items[i], element), i);
        }

        return type.IsInstanceOfType(items) ? items : Activator.CreateInstance(type, items)!;
    }
}
