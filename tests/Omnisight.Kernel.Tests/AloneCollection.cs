namespace Omnisight.Kernel.Tests;

/// <summary>Tests that count threads, files and load contexts of the whole process: nothing else may run meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
