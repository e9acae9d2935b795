namespace Omnisight.Kernel.Configuration;

/// <summary>The types a setting may have.</summary>
public enum OptionType
{
    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number.</summary>
    Number,

    /// <summary>Text.</summary>
    String,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>A time span: <c>00:00:05</c>, or <c>5s</c>, <c>100ms</c>, <c>2m</c>, <c>1h</c>.</summary>
    Duration,

    /// <summary>A list of texts or numbers.</summary>
    Array,
}
