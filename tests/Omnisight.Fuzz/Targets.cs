namespace Omnisight.Fuzz;

internal static class Targets
{
    public static IReadOnlyList<IFuzzTarget> All { get; } = [new DecoderTarget(), new CommandTarget()];
}
