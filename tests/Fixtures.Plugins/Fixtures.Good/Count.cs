namespace Fixtures.Good;

public sealed class Count
{
    public long Value { get; set; }
}
