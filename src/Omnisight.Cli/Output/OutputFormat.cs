namespace Omnisight.Cli.Output;

/// <summary>How results are written.</summary>
internal enum OutputFormat
{
    /// <summary>For people: a table on a terminal, aligned columns in a pipe.</summary>
    Table,

    /// <summary>For programs: one JSON object a line.</summary>
    Json,
}
