using System.Globalization;
using Omnisight.Commands;
using Omnisight.Transport.Fifo;
using Omnisight.Transport.Files;

namespace Omnisight.Sdk;

/// <summary>The two FIFOs of a client in one runtime directory.</summary>
internal sealed class CommandConnection : IDisposable
{
    private readonly FifoTransport _fifo;

    public CommandConnection(string instance, string directory, string group)
    {
        Directory = directory;
        Group = group;
        _fifo = new FifoTransport(new NativeContext("Transport.Fifo", instance, directory, new FifoOptions { Group = group }));
        try
        {
            Client = new CommandClient(_fifo, _fifo, CallbackLoggerFactory.Instance, TimeProvider.System);
        }
        catch
        {
            _fifo.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }

    public string Directory { get; }

    public string Group { get; }

    public CommandClient Client { get; }

    /// <summary>Commands under way; its owner's lock guards it.</summary>
    public int Users { get; set; }

    public void Dispose()
    {
        Client.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _fifo.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Where the core serves a group, it answers inboxes in a directory of that group (protocol section 3) and no others.</summary>
    public static string GroupOf(string directory, string instance) =>
        FileStatus.TryAt(new NativePath(Path.Combine(directory, $"{instance}_{CommandChannels.Acks.ResourceName}.d")), out var inboxes) && inboxes.Kind == FileKind.Directory
            ? inboxes.Gid.ToString(CultureInfo.InvariantCulture)
            : "";
}
