using System.ComponentModel.DataAnnotations;

namespace Fixtures.Good;

public sealed class CounterOptions
{
    [Range(1, 1000)]
    public int IntervalMs { get; set; } = 5;

    [Range(1, 10)]
    public int Step { get; set; } = 1;
}
