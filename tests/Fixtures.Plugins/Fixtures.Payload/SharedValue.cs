namespace Fixtures.Payload;

public sealed class SharedValue
{
    public byte Value { get; set; }
}
