namespace Fixtures.BadMessage;

public sealed class BadOptions
{
    public string Fault { get; set; } = "";
}
