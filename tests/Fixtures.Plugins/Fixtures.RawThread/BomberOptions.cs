namespace Fixtures.RawThread;

public sealed class BomberOptions
{
    public int DelayMs { get; set; } = 200;

    public bool AsyncVoid { get; set; }
}
