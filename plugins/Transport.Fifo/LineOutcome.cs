namespace Omnisight.Transport.Fifo;

/// <summary>What the splitter found next.</summary>
internal enum LineOutcome
{
    /// <summary>No whole line yet.</summary>
    None,

    /// <summary>A line.</summary>
    Line,

    /// <summary>The end of a line that was too long; its bytes are gone.</summary>
    TooLong,
}
