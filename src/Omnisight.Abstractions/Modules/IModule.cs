namespace Omnisight;

/// <summary>
/// Something that runs: an API, a source, a tracker. Export it with <see cref="ExportModuleAttribute"/>.
/// Returning or throwing ends the module, nothing more: the kernel makes a new one after a pause.
/// </summary>
/// <example><code>
/// [ExportModule("hello", Publishes = ["hello"])]
/// public sealed class Hello : IModule
/// {
///     public async Task RunAsync(IModuleContext context, CancellationToken stop)
///     {
///         var publisher = context.Publisher(new HelloCodec(), ChannelName.Parse("hello"));
///         context.Ready();
///         using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), context.Time);
///         while (await timer.WaitForNextTickAsync(stop)) publisher?.Publish(new Hello());
///     }
/// }
/// </code></example>
public interface IModule
{
    /// <summary>Runs until <paramref name="stop"/> is cancelled, then returns within 5 s. Cancellation may end it with OperationCanceledException.</summary>
    Task RunAsync(IModuleContext context, CancellationToken stop);
}
