using System.Runtime.InteropServices;

namespace Omnisight.Cli.Bench;

/// <summary>The floor: two FIFOs, blocking reads and writes of lines as long as PING and its answer, nothing else.</summary>
internal sealed unsafe partial class FifoEcho : IDisposable
{
    private const int LineBytes = 150, ReadOnly = 0, WriteOnly = 1, CloseOnExec = 0x80000, OwnerOnly = 0x180;

    private readonly int _there, _back;

    private FifoEcho(int there, int back)
    {
        _there = there;
        _back = back;
    }

    /// <summary>Makes the FIFOs and echoes until the other side closes its end.</summary>
    public static int Serve(string directory)
    {
        _ = mkfifo(There(directory), OwnerOnly);
        _ = mkfifo(Back(directory), OwnerOnly);
        Console.WriteLine(BenchPeer.ReadyLine);
        var input = Open(There(directory), ReadOnly);
        var output = Open(Back(directory), WriteOnly);
        var line = stackalloc byte[LineBytes];
        while (read(input, line, LineBytes) is var bytes && bytes > 0)
        {
            if (write(output, line, bytes) != bytes)
            {
                return ExitCode.CheckFailed;
            }
        }

        return ExitCode.Ok;
    }

    /// <summary>The asking side.</summary>
    public static FifoEcho Connect(string directory)
    {
        var there = Open(There(directory), WriteOnly);
        return new FifoEcho(there, Open(Back(directory), ReadOnly));
    }

    /// <summary>One line there and back.</summary>
    public void RoundTrip()
    {
        var line = stackalloc byte[LineBytes];
        if (write(_there, line, LineBytes) != LineBytes || read(_back, line, LineBytes) != LineBytes)
        {
            throw new IOException("the echo process is gone");
        }
    }

    public void Dispose()
    {
        _ = close(_there);
        _ = close(_back);
    }

    private static string There(string directory) => Path.Combine(directory, "echo_there");

    private static string Back(string directory) => Path.Combine(directory, "echo_back");

    private static int Open(string path, int flags) =>
        open(path, flags | CloseOnExec, 0) is var fd and >= 0 ? fd : throw new IOException($"'{path}' can't be opened: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkfifo(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc")]
    private static partial nint read(int fd, byte* buffer, nint bytes);

    [LibraryImport("libc")]
    private static partial nint write(int fd, byte* buffer, nint bytes);

    [LibraryImport("libc")]
    private static partial int close(int fd);
}
