using System.Composition;
using Omnisight;

namespace Fixtures.Good;

/// <summary>Counts on, from where the publisher's last life ended: its count of values is the kernel's to keep.</summary>
[ExportModule("counter", Publishes = ["fixture-count"])]
[method: ImportingConstructor]
public sealed class Counter(IPluginContext plugin) : IModule
{
    private readonly ILiveOptions<CounterOptions> _options = plugin.Options<CounterOptions>();

    public async Task RunAsync(IModuleContext context, CancellationToken stop)
    {
        var name = ChannelName.Parse("fixture-count");
        var bytes = context.OpenPublisher(name);
        var publisher = context.Publisher(new CountCodec(), name);
        var count = new Count { Value = bytes?.Counters.Values ?? 0 };
        context.Ready();
        while (true)
        {
            await Task.Delay(_options.Current.IntervalMs, stop);
            count.Value += _options.Current.Step;
            publisher?.Publish(count);
            context.Report("fixture", "count", count.Value);
        }
    }
}
