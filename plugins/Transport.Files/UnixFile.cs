namespace Omnisight.Transport.Files;

/// <summary>Making, owning and opening files. Functions return 0 or an errno.</summary>
internal static partial class UnixFile
{
    /// <summary>Opens without following links, for this process alone. Returns the descriptor, or -errno.</summary>
    public static unsafe int Open(NativePath path, int flags, uint mode = 0)
    {
        fixed (byte* p = path.Bytes)
        {
            int fd;
            int errno;
            do
            {
                fd = Native.Open(p, flags | Native.ONoFollow | Native.OCloExec, mode);
                errno = fd < 0 ? Errno.Last : 0;
            }
            while (errno == Errno.Interrupted);
            return fd >= 0 ? fd : -errno;
        }
    }

    public static unsafe int Unlink(NativePath path)
    {
        fixed (byte* p = path.Bytes)
        {
            return Native.Unlink(p) == 0 ? 0 : Errno.Last;
        }
    }

    public static unsafe int Rename(NativePath from, NativePath to)
    {
        fixed (byte* f = from.Bytes, t = to.Bytes)
        {
            return Native.Rename(f, t) == 0 ? 0 : Errno.Last;
        }
    }

    /// <summary>Reads once. Returns the bytes read, or -errno.</summary>
    public static unsafe int Read(int fd, Span<byte> buffer)
    {
        fixed (byte* p = buffer)
        {
            nint n;
            int errno;
            do
            {
                n = Native.Read(fd, p, buffer.Length);
                errno = n < 0 ? Errno.Last : 0;
            }
            while (errno == Errno.Interrupted);
            return n >= 0 ? (int)n : -errno;
        }
    }

    /// <summary>Writes once. Returns the bytes written, or -errno.</summary>
    public static unsafe int Write(int fd, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* p = bytes)
        {
            nint n;
            int errno;
            do
            {
                n = Native.Write(fd, p, bytes.Length);
                errno = n < 0 ? Errno.Last : 0;
            }
            while (errno == Errno.Interrupted);
            return n >= 0 ? (int)n : -errno;
        }
    }

    public static void Close(ref int fd)
    {
        if (fd >= 0)
        {
            _ = Native.Close(fd);
            fd = -1;
        }
    }
}
