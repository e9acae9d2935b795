using System.Composition;
using Omnisight.Kernel.Composition;

namespace Omnisight.Kernel.Tests;

/// <summary>The first instance of a module is begun while its plugin is loaded; whatever becomes of the plugin, it is taken once or disposed of.</summary>
public sealed class ModuleFactoryTests
{
    private int _made, _disposed;

    [Fact]
    public async Task What_was_begun_is_taken_once_and_then_made_anew()
    {
        await using var factory = Factory(() => new Idle(this));
        factory.Begin();
        var first = await factory.MakeAsync();
        Assert.Equal(1, _made);
        var second = await factory.MakeAsync();
        Assert.Equal(2, _made);
        Assert.NotSame(first.Value, second.Value);
    }

    [Fact]
    public async Task What_was_begun_and_not_taken_is_disposed_of()
    {
        var factory = Factory(() => new Idle(this));
        factory.Begin();
        await factory.DisposeAsync();
        await factory.DisposeAsync();
        Assert.Equal((1, 1), (_made, _disposed));
    }

    [Fact]
    public async Task A_constructor_that_throws_is_told_to_who_takes_and_to_nobody_else()
    {
        var factory = Factory(() => throw new InvalidOperationException("no camera"));
        factory.Begin();
        Assert.Equal("no camera", (await Assert.ThrowsAsync<InvalidOperationException>(factory.MakeAsync)).Message);
        factory.Begin();
        await factory.DisposeAsync();
    }

    private static ModuleFactory Factory(Func<IModule> make) =>
        new("idle", [], new ExportFactory<IModule, ModuleMetadata>(() => Tuple.Create(make(), (Action)(() => { })), new ModuleMetadata { Name = "idle" }));

    private sealed class Idle : IModule, IAsyncDisposable
    {
        private readonly ModuleFactoryTests _test;

        public Idle(ModuleFactoryTests test)
        {
            _test = test;
            Interlocked.Increment(ref test._made);
        }

        public Task RunAsync(IModuleContext context, CancellationToken stop) => Task.CompletedTask;

        public ValueTask DisposeAsync()
        {
            Interlocked.Increment(ref _test._disposed);
            return ValueTask.CompletedTask;
        }
    }
}
