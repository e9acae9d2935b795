using System.Composition;
using System.Composition.Hosting;
using System.Reflection;
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

    private readonly CompositionHost _container;
    private readonly List<(string Scheme, Part<ITransport> Part)> _transports = [];

    private PluginParts(CompositionHost container) => _container = container;

    public IEnumerable<(string Scheme, ITransport Transport)> Transports => _transports.Select(t => (t.Scheme, t.Part.Value));

    public IReadOnlyList<IMessageFormat> Messages { get; private set; } = [];

    public IReadOnlyList<ModuleFactory> Modules { get; private set; } = [];

    /// <summary>Composes the parts of a plugin; transports and messages are made, modules can be.</summary>
    /// <exception cref="PluginRefusedException">It exports nothing, or something can't be made; the message names the type.</exception>
    public static async Task<PluginParts> ComposeAsync(PluginAssembly assembly, IPluginContext context, bool withModules, TimeProvider time)
    {
        var exported = ExportedTypes.Of(assembly);
        var parts = new PluginParts(new ContainerConfiguration().WithParts(exported).WithExport(context).CreateContainer());
        try
        {
            await Task.Run(() => parts.Make(withModules)).WaitAsync(ConstructionLimit, time);
            return parts;
        }
        catch (TimeoutException)
        {
            throw new PluginRefusedException(PluginState.Faulted, $"a constructor among {Names(exported)} did not return within {ConstructionLimit.TotalSeconds:0} s");
        }
        catch (ConfigurationException)
        {
            await parts.DisposeAsync();
            throw;
        }
        catch (Exception e) when (e is not PluginRefusedException)
        {
            await parts.DisposeAsync();
            throw new PluginRefusedException(PluginState.Faulted, CompositionFailures.Explain(e, exported), e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, part) in _transports)
        {
            await part.DisposeAsync();
        }

        _transports.Clear();
        _container.Dispose();
    }

    private void Make(bool withModules)
    {
        foreach (var factory in _container.GetExports<ExportFactory<ITransport, TransportMetadata>>())
        {
            _transports.Add((factory.Metadata.Scheme, new Part<ITransport>(factory.CreateExport())));
        }

        Messages = [.. _container.GetExports<IMessageFormat>()];
        if (withModules)
        {
            Modules = [.. _container.GetExports<ExportFactory<IModule, ModuleMetadata>>().Select(Factory)];
        }
    }

    private static ModuleFactory Factory(ExportFactory<IModule, ModuleMetadata> export) =>
        new(export.Metadata.Name, [.. (export.Metadata.Publishes ?? []).Select(ChannelName.Parse)], export);

    private static string Names(IEnumerable<Type> types) => string.Join(", ", types.Select(t => t.FullName));
}
