using System.Buffers.Text;

namespace Omnisight.Api.Rest.Hosting;

/// <summary>
/// The kernel's table of TCP sockets: for a client on this machine it shows what even the server's kernel does not know, the
/// bytes that arrived and that the program has not read.
/// </summary>
internal sealed class SocketTable
{
    private static readonly string[] Files = ["/proc/net/tcp", "/proc/net/tcp6"];
    private readonly byte[] _buffer = new byte[64 * 1024];

    /// <summary>Tells every socket with its unread bytes; silent where there is no such table.</summary>
    public void Read(Action<Ends, uint> tell)
    {
        foreach (var path in Files)
        {
            try
            {
                using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
                Read(file, tell);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A sandbox without /proc, or a kernel without IPv6.
            }
        }
    }

    /// <summary>Reads one line of the table; false when it is its head, or not one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out Ends ends, out uint unread)
    {
        // "  12: 0100007F:1F90 0100007F:C350 01 00000000:0000003C ...": number, local, remote, state, to send:unread.
        (ends, unread) = (default, 0);
        _ = Field(ref line);
        if (!TryEnd(Field(ref line), out var localAddress, out var localPort) || !TryEnd(Field(ref line), out var remoteAddress, out var remotePort))
        {
            return false;
        }

        _ = Field(ref line);
        var queues = Field(ref line);
        ends = new Ends(localAddress, localPort, remoteAddress, remotePort);
        return queues.Length == 17 && TryHex(queues[9..], out unread);
    }

    private void Read(FileStream file, Action<Ends, uint> tell)
    {
        for (var kept = 0; file.Read(_buffer, kept, _buffer.Length - kept) is > 0 and var got;)
        {
            var rest = _buffer.AsSpan(0, kept + got);
            while (rest.IndexOf((byte)'\n') is >= 0 and var end)
            {
                if (TryParse(rest[..end], out var ends, out var unread))
                {
                    tell(ends, unread);
                }

                rest = rest[(end + 1)..];
            }

            rest.CopyTo(_buffer);
            kept = rest.Length;
        }
    }

    private static ReadOnlySpan<byte> Field(ref ReadOnlySpan<byte> line)
    {
        line = line.TrimStart((byte)' ');
        var end = line.IndexOf((byte)' ') is >= 0 and var at ? at : line.Length;
        var field = line[..end];
        line = line[end..];
        return field;
    }

    private static bool TryEnd(ReadOnlySpan<byte> field, out uint address, out ushort port)
    {
        (address, port) = (0, 0);
        if (field.IndexOf((byte)':') is not (8 or 32) || !TryHex(field[^13..^5], out address) || !TryHex(field[^4..], out var number))
        {
            return false;
        }

        port = (ushort)number;
        return true;
    }

    private static bool TryHex(ReadOnlySpan<byte> digits, out uint value) => Utf8Parser.TryParse(digits, out value, out var read, 'x') && read == digits.Length;
}
