using System.IO.MemoryMappedFiles;

namespace Omnisight.PeerProcess;

/// <summary>Publishes a frame, and then touches memory of a file of its own beyond its end, which nobody but the runtime's handler may answer for.</summary>
internal static class OverrunLoop
{
    public static async Task<int> Run(PeerOptions options)
    {
        var transport = PeerTransport.Open(options);
        await using var publisher = transport.OpenPublisher(PeerTransport.Channel(options));
        var buffer = new byte[PeerTransport.Channel(options).MaxPayloadBytes];
        Console.WriteLine(publisher.Publish(buffer));
        using var file = new FileStream(options.Text("file", ""), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite, 1, FileOptions.DeleteOnClose);
        file.SetLength(8192);
        using var map = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        using var view = map.CreateViewAccessor();
        file.SetLength(0);
        Console.WriteLine($"read {view.ReadByte(5000)}");
        return 0;
    }
}
