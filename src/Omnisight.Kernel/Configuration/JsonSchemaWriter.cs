using System.Globalization;
using System.Text.Json;

namespace Omnisight.Kernel.Configuration;

/// <summary>The JSON schema of a configuration file: what an editor completes and checks with.</summary>
internal static class JsonSchemaWriter
{
    private const string DurationPattern = @"^(-?(\d+\.)?\d{1,2}:\d{2}(:\d{2}(\.\d{1,7})?)?|\d+(\.\d+)?(ms|s|m|h|d)|0)$";

    public static void Write(Utf8JsonWriter writer, SchemaSection root)
    {
        writer.WriteStartObject();
        writer.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
        writer.WriteString("title", "Omnisight configuration");
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        writer.WriteStartObject("$schema");
        writer.WriteString("type", "string");
        writer.WriteEndObject();
        writer.WritePropertyName("Omnisight");
        Section(writer, root);
        writer.WriteEndObject();
        writer.WriteStartArray("required");
        writer.WriteStringValue("Omnisight");
        writer.WriteEndArray();
        writer.WriteBoolean("additionalProperties", false);
        writer.WriteEndObject();
    }

    private static void Section(Utf8JsonWriter writer, SchemaSection section)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "object");
        if (section.Description.Length > 0)
        {
            writer.WriteString("description", section.Description);
        }

        writer.WriteStartObject("properties");
        foreach (var option in section.Options.Values)
        {
            writer.WritePropertyName(option.Name);
            Option(writer, option);
        }

        foreach (var (name, inner) in section.Sections.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            writer.WritePropertyName(name);
            Section(writer, inner);
        }

        writer.WriteEndObject();
        if (section.AnyName is { } pattern)
        {
            writer.WriteStartObject("patternProperties");
            writer.WritePropertyName(pattern.ToString().Replace(@"\z", "$", StringComparison.Ordinal));
            if (section.AnySection is { } any)
            {
                Section(writer, any);
            }
            else
            {
                Option(writer, section.AnyOption!);
            }

            writer.WriteEndObject();
        }

        writer.WriteBoolean("additionalProperties", section.Unknown);
        writer.WriteEndObject();
    }

    private static void Option(Utf8JsonWriter writer, OptionSchema option)
    {
        writer.WriteStartObject();
        if (option.Type == OptionType.Array)
        {
            writer.WriteString("type", "array");
            writer.WriteStartObject("items");
            Scalar(writer, option, option.Items);
            writer.WriteEndObject();
        }
        else
        {
            Scalar(writer, option, option.Type);
        }

        var description = option.Description;
        if (option.Type == OptionType.Duration && (option.Minimum ?? option.Maximum) is not null)
        {
            description = $"{description} ({OptionCheck.Allowed(option)})".TrimStart();
        }

        if (option.Restart)
        {
            description = $"{description} Takes effect at the next start.".TrimStart();
        }

        if (description.Length > 0)
        {
            writer.WriteString("description", description);
        }

        if (option.Default is { } value && !option.Secret)
        {
            writer.WritePropertyName("default");
            value.WriteTo(writer);
        }

        if (option.Secret)
        {
            writer.WriteBoolean("writeOnly", true);
        }

        if (option.Restart)
        {
            writer.WriteBoolean("x-restart", true);
        }

        writer.WriteEndObject();
    }

    private static void Scalar(Utf8JsonWriter writer, OptionSchema option, OptionType type)
    {
        writer.WriteString("type", type is OptionType.Duration ? "string" : type.ToString().ToLower(CultureInfo.InvariantCulture));
        if (type == OptionType.Duration)
        {
            writer.WriteString("pattern", DurationPattern);
        }
        else
        {
            Bound(writer, "minimum", option.Minimum);
            Bound(writer, "maximum", option.Maximum);
            if (option.Pattern is not null)
            {
                writer.WriteString("pattern", $"^(?:{option.Pattern})$");
            }
        }

        if (option.Enum.Count > 0)
        {
            writer.WriteStartArray("enum");
            foreach (var value in option.Enum)
            {
                writer.WriteStringValue(value);
            }

            writer.WriteEndArray();
        }
    }

    private static void Bound(Utf8JsonWriter writer, string name, ConfigValue? value)
    {
        if (value is not null)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    }
}
