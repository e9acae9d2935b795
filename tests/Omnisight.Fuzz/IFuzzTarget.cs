namespace Omnisight.Fuzz;

/// <summary>Code that must take any bytes. One class a target; <see cref="Targets"/> lists them.</summary>
internal interface IFuzzTarget
{
    /// <summary>The name on the command line.</summary>
    string Name { get; }

    /// <summary>Takes any bytes: an exception is a find.</summary>
    void Run(ReadOnlySpan<byte> input);

    /// <summary>Inputs to start from.</summary>
    IEnumerable<byte[]> Seeds();

    /// <summary>Mends what would end every mutated input early (a checksum), so that mutations reach what lies behind.</summary>
    void Mend(Span<byte> input)
    {
    }
}
