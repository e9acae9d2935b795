namespace Omnisight.Transport.Shm.Tests;

/// <summary>Tests that count what the whole process has.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
