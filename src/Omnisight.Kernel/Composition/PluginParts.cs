using System.Composition;
using System.Composition.Hosting;
using Omnisight.Kernel.Configuration;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Kernel.Composition;

/// <summary>
/// What one plugin exports, out of a container of its own: one part with a missing import would make a shared container
/// throw for everybody.
/// </summary>
internal sealed class PluginParts : IAsyncDisposable
{
    /// <summary>A constructor that takes longer hangs; starting the node must not.</summary>
    private static readonly TimeSpan ConstructionLimit = TimeSpan.FromSeconds(10);

    /// <summary>So is disposing of parts.</summary>
    private static readonly TimeSpan DisposeLimit = TimeSpan.FromSeconds(5);

    private readonly CompositionHost _container;
    private readonly List<(string Scheme, Part<ITransport> Part)> _transports = [];

    private PluginParts(CompositionHost container) => _container = container;

    public IEnumerable<(string Scheme, ITransport Transport)> Transports => _transports.Select(t => (t.Scheme, t.Part.Value));

    public IReadOnlyList<ExportedMessage> Messages { get; private set; } = [];

    public IReadOnlyList<ModuleFactory> Modules { get; private set; } = [];

    /// <summary>Composes the parts of a plugin; transports and messages are made, modules can be.</summary>
    /// <exception cref="PluginRefusedException">It exports nothing, or something can't be made; the message names the type.</exception>
    public static async Task<PluginParts> ComposeAsync(PluginAssembly assembly, IPluginContext context, bool withModules, TimeProvider time)
    {
        var exported = ExportedTypes.Of(assembly);
        PluginParts? parts = null;
        var making = Task.Run(() =>
        {
            parts = new PluginParts(new ContainerConfiguration().WithParts(exported).WithExport(context).CreateContainer());
            parts.Make(withModules);
        });
        await Task.WhenAny(making, Task.Delay(ConstructionLimit, time));
        if (!making.IsCompleted)
        {
            throw new PluginRefusedException(PluginState.Faulted, $"a constructor among {string.Join(", ", exported.Select(t => t.FullName))} did not return within {ConstructionLimit.TotalSeconds:0} s");
        }

        try
        {
            await making;
            return parts!;
        }
        catch (Exception e)
        {
            if (parts is not null)
            {
                _ = await parts.CloseAsync(time);
            }

            throw e is PluginRefusedException or ConfigurationException ? e : new PluginRefusedException(PluginState.Faulted, CompositionFailures.Explain(e), e);
        }
    }

    /// <summary>Disposes of everything, for a limited time; what went wrong, null when nothing did.</summary>
    public async Task<string?> CloseAsync(TimeProvider time)
    {
        var closing = Task.Run(async () => await DisposeAsync());
        await Task.WhenAny(closing, Task.Delay(DisposeLimit, time));
        return !closing.IsCompleted ? $"it did not end within {DisposeLimit.TotalSeconds:0} s"
            : closing.Exception?.InnerException is { } e ? $"{e.GetType().Name}: {e.Message}"
            : null;
    }

    public async ValueTask DisposeAsync()
    {
        var failures = new List<Exception>();
        foreach (var part in _transports.Select(t => (IAsyncDisposable)t.Part).Concat(Modules))
        {
            try
            {
                await part.DisposeAsync();
            }
            catch (Exception e)
            {
                // The other parts are not to blame.
                failures.Add(e);
            }
        }

        _transports.Clear();
        _container.Dispose();
        if (failures.Count > 0)
        {
            throw failures[0];
        }
    }

    /// <summary>What a part says of itself is asked for here, once: inside the time limit, and where a failure is the plugin's own.</summary>
    private void Make(bool withModules)
    {
        foreach (var factory in _container.GetExports<ExportFactory<ITransport, TransportMetadata>>())
        {
            var transport = new Part<ITransport>(factory.CreateExport());
            _transports.Add((factory.Metadata.Scheme, transport));
            ExportNames.CheckScheme(factory.Metadata.Scheme, transport.Value);
        }

        Messages = [.. _container.GetExports<IMessageFormat>().Select(ExportedMessage.Of)];
        if (withModules)
        {
            Modules = [.. _container.GetExports<ExportFactory<IModule, ModuleMetadata>>().Select(Factory)];
        }
    }

    private static ModuleFactory Factory(ExportFactory<IModule, ModuleMetadata> export) =>
        new(ExportNames.CheckModule(export.Metadata.Name), ExportNames.Channels(export.Metadata), export);
}
