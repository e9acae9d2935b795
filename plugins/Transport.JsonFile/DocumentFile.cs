using Omnisight.Transport.Files;

namespace Omnisight.Transport.JsonFile;

/// <summary>Reading a document once, for those who look at many.</summary>
internal static class DocumentFile
{
    private const long Largest = 16 * 1024 * 1024;

    /// <summary>The whole file; false when there is none that may be read.</summary>
    public static bool TryRead(NativePath path, out byte[] document)
    {
        document = [];
        var fd = UnixFile.Open(path, Native.ORdOnly | Native.ONonBlock);
        if (fd < 0)
        {
            return false;
        }

        var known = FileStatus.TryOf(fd, out var file) && file.Kind == FileKind.Regular && file.Size <= Largest;
        var length = 0;
        if (known)
        {
            document = new byte[file.Size];
            length = ReadAll(fd, document);
        }

        UnixFile.Close(ref fd);
        return known && length == document.Length;
    }

    /// <summary>Fills the buffer as far as the file goes. Returns the bytes read, or -errno.</summary>
    public static int ReadAll(int fd, Span<byte> buffer)
    {
        var length = 0;
        while (length < buffer.Length)
        {
            var read = UnixFile.Read(fd, buffer[length..]);
            if (read <= 0)
            {
                return read < 0 ? read : length;
            }

            length += read;
        }

        return length;
    }
}
