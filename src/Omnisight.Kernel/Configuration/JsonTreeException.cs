namespace Omnisight.Kernel.Configuration;

/// <summary>Text that is not the JSON it should be, with its place.</summary>
internal sealed class JsonTreeException(string message, int line, int column) : Exception(message)
{
    public int Line { get; } = line;

    public int Column { get; } = column;
}
