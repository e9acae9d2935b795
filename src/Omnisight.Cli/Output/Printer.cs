using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace Omnisight.Cli.Output;

/// <summary>Writes results and errors: for people on a terminal, plain into a pipe, or one JSON object a line.</summary>
internal sealed class Printer(TextWriter output, TextWriter errors, OutputFormat format, bool terminal, bool color)
{
    public bool IsJson => format == OutputFormat.Json;

    public TextWriter Out => output;

    /// <summary>A line for people; nothing in JSON.</summary>
    public void Line(string text = "")
    {
        if (!IsJson)
        {
            output.WriteLine(text);
        }
    }

    /// <summary>What went wrong and what to do, on the error stream.</summary>
    public void Error(string message)
    {
        if (IsJson)
        {
            errors.WriteLine(ToJson(w => w.WriteString("error", message)));
        }
        else
        {
            errors.WriteLine($"{(terminal && color ? "\e[31merror:\e[0m" : "error:")} {message}");
        }
    }

    /// <summary>One JSON object on a line of its own.</summary>
    public void Json(Action<Utf8JsonWriter> members) => output.WriteLine(ToJson(members));

    /// <summary>A line that is JSON already.</summary>
    public void Raw(ReadOnlySpan<byte> json) => output.WriteLine(Encoding.UTF8.GetString(json));

    /// <summary>Rows: a table, aligned columns, or an object each.</summary>
    public void Table(IReadOnlyList<Column> columns, IReadOnlyList<object?[]> rows)
    {
        if (IsJson)
        {
            foreach (var row in rows)
            {
                Row(columns, row);
            }
        }
        else if (terminal)
        {
            Pretty(columns, rows);
        }
        else
        {
            Aligned(columns, rows);
        }
    }

    /// <summary>One row as a JSON object.</summary>
    public void Row(IReadOnlyList<Column> columns, object?[] row) => Json(w =>
    {
        for (var i = 0; i < columns.Count; i++)
        {
            w.WritePropertyName(columns[i].Name);
            Value(w, row[i]);
        }
    });

    private void Pretty(IReadOnlyList<Column> columns, IReadOnlyList<object?[]> rows)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            ColorSystem = color ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        if (IsTooNarrow(console.Profile.Width, columns, rows))
        {
            Stacked(columns, rows);
            return;
        }

        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in columns)
        {
            _ = table.AddColumn(new TableColumn(Markup.Escape(column.Title)) { NoWrap = !column.Wraps });
        }

        foreach (var row in rows)
        {
            _ = table.AddRow([.. columns.Select((c, i) => new Text(c.Show(row[i])))]);
        }

        console.Write(table);
    }

    /// <summary>Long texts side by side on a narrow terminal would be a letter wide.</summary>
    private static bool IsTooNarrow(int width, IReadOnlyList<Column> columns, IReadOnlyList<object?[]> rows)
    {
        const int Readable = 24, Gap = 3;
        var wraps = columns.Count(c => c.Wraps);
        var rest = columns.Select((c, i) => c.Wraps ? Gap : Gap + rows.Select(r => c.Show(r[i]).Length).Append(c.Title.Length).Max()).Sum();
        return wraps > 0 && (width - rest) / wraps < Readable;
    }

    /// <summary>The short columns in a line, the long texts below it.</summary>
    private void Stacked(IReadOnlyList<Column> columns, IReadOnlyList<object?[]> rows)
    {
        var shown = Enumerable.Range(0, columns.Count).Where(i => !columns[i].Wraps).ToList();
        var widths = shown.Select(i => rows.Select(r => columns[i].Show(r[i]).Length).DefaultIfEmpty(0).Max()).ToList();
        foreach (var row in rows)
        {
            output.WriteLine(string.Join("  ", shown.Select((i, at) => columns[i].Show(row[i]).PadRight(widths[at]))).TrimEnd());
            for (var i = 0; i < columns.Count; i++)
            {
                if (columns[i].Wraps && columns[i].Show(row[i]) is var text && text != "-")
                {
                    output.WriteLine($"    {columns[i].Title}: {text}");
                }
            }
        }
    }

    private void Aligned(IReadOnlyList<Column> columns, IReadOnlyList<object?[]> rows)
    {
        var cells = rows.Select(r => columns.Select((c, i) => c.Show(r[i]).ReplaceLineEndings(" ")).ToArray())
            .Prepend([.. columns.Select(c => c.Title.ToUpperInvariant().Replace(' ', '_'))]).ToList();
        var widths = columns.Select((_, i) => cells.Max(c => c[i].Length)).ToArray();
        foreach (var line in cells)
        {
            output.WriteLine(string.Join("  ", line.Select((c, i) => c.PadRight(widths[i]))).TrimEnd());
        }
    }

    private static string ToJson(Action<Utf8JsonWriter> members)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Value(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            case int whole:
                writer.WriteNumberValue(whole);
                break;
            case long whole:
                writer.WriteNumberValue(whole);
                break;
            case ulong whole:
                writer.WriteNumberValue(whole);
                break;
            case double number when double.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            case double:
                writer.WriteNullValue();
                break;
            case IReadOnlyList<string> items:
                writer.WriteStartArray();
                foreach (var item in items)
                {
                    writer.WriteStringValue(item);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteStringValue(value.ToString());
                break;
        }
    }
}
