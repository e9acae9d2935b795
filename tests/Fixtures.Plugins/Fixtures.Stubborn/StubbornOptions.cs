namespace Fixtures.Stubborn;

public sealed class StubbornOptions
{
    public string Fault { get; set; } = "";
}
