namespace Omnisight;

/// <summary>A value with its place in the channel.</summary>
/// <param name="Value">The value; a <see cref="Reader{T}"/> reuses it from the next-but-one read on, so copy what must live longer.</param>
/// <param name="Info">Epoch, sequence, time.</param>
public readonly record struct Sample<T>(T Value, SampleInfo Info);
