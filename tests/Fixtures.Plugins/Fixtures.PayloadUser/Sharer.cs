using Fixtures.Payload;
using Omnisight;

namespace Fixtures.PayloadUser;

/// <summary>Proves that the payload's type is one type: the catalogue's codec, made by another plugin, is the one it knows.</summary>
[ExportModule("sharer", Publishes = ["fixture-shared"])]
public sealed class Sharer : IModule
{
    public async Task RunAsync(IModuleContext context, CancellationToken stop)
    {
        var codec = (SharedCodec?)context.FindFormat("fixture.shared") ?? throw new InvalidOperationException("no codec for fixture.shared");
        context.Publisher(codec, ChannelName.Parse("fixture-shared"))?.Publish(new SharedValue { Value = 7 });
        context.Ready();
        await Task.Delay(Timeout.Infinite, stop);
    }
}
