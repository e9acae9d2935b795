using Microsoft.Extensions.Logging;
using Omnisight.Transport.Files;

namespace Omnisight.Transport.Fifo;

/// <summary>A FIFO's path, and the checks that come before its bytes are believed or written.</summary>
internal sealed partial class FifoFile
{
    private const uint WorldWritable = 2;

    private readonly ILogger _logger;
    private readonly LogThrottle _throttle;
    private readonly Func<FileStatus, bool> _trusts;

    public FifoFile(string path, string what, uint mode, uint? group, Func<FileStatus, bool> trusts, ILogger logger, LogThrottle throttle)
    {
        Path = new NativePath(path);
        What = what;
        Mode = mode;
        Group = group;
        _trusts = trusts;
        _logger = logger;
        _throttle = throttle;
    }

    public NativePath Path { get; }

    /// <summary>"channel 'commands'", for messages.</summary>
    public string What { get; }

    public uint Mode { get; }

    public uint? Group { get; }

    /// <summary>Makes the FIFO anew in place of this user's own leftover and opens it for reading, so that it never meets an end of file.</summary>
    /// <returns>The descriptor, and whether something else than a FIFO was replaced.</returns>
    /// <exception cref="TransportException">What is there is not ours to replace, or the directory can't be written.</exception>
    public int MakeAndOpen(int pipeBytes, out FileStatus made, out bool replacedFile)
    {
        replacedFile = CheckLeftover();
        Make();
        return OpenOwn(pipeBytes, out made);
    }

    /// <summary>Makes the FIFO unless a good one is there.</summary>
    public void MakeIfAbsent()
    {
        if (FileStatus.TryAt(Path, out var there))
        {
            if (there.Kind == FileKind.Fifo)
            {
                RefuseUnsafe(there);
                return;
            }

            CheckLeftover();
        }

        Make();
    }

    /// <summary>Opens the FIFO that is there for reading as well as writing.</summary>
    public int OpenOwn(int pipeBytes, out FileStatus opened)
    {
        var fd = UnixFile.Open(Path, Native.ORdWr | Native.ONonBlock);
        if (fd < 0)
        {
            throw Failed("open", -fd);
        }

        if (!FileStatus.TryOf(fd, out opened) || opened.Kind != FileKind.Fifo || !_trusts(opened))
        {
            UnixFile.Close(ref fd);
            throw new TransportException(TransportError.Unsafe, $"{What}: refusing {Path}: {Describe(opened)}");
        }

        _ = Native.FileControl(fd, Native.FSetPipeSize, pipeBytes);
        return fd;
    }

    /// <summary>Opens for writing. Returns the descriptor; -ENXIO or -ENOENT when nobody reads; another -errno, or <paramref name="refused"/>, when it must not be used.</summary>
    public int OpenForWriting(out FileStatus opened, out RejectReason refused)
    {
        opened = default;
        refused = RejectReason.None;
        var fd = UnixFile.Open(Path, Native.OWrOnly | Native.ONonBlock);
        if (fd < 0)
        {
            if (-fd == Errno.TooManyLinks)
            {
                refused = RejectReason.NotFifo;
                TellRefused("a symbolic link");
            }

            return fd;
        }

        var known = FileStatus.TryOf(fd, out opened);
        if (known && opened.Kind == FileKind.Fifo && (opened.Mode & WorldWritable) == 0 && _trusts(opened))
        {
            return fd;
        }

        UnixFile.Close(ref fd);
        refused = opened.Kind != FileKind.Fifo ? RejectReason.NotFifo : RejectReason.UnsafeOwner;
        TellRefused(Describe(opened));
        return -Errno.Invalid;
    }

    /// <summary>True while the path leads to this very file.</summary>
    public bool IsAtPath(in FileStatus file) => FileStatus.TryAt(Path, out var there) && there.SameFile(file);

    /// <summary>Takes back that everyone may write to our open FIFO; true when that was so.</summary>
    public bool CloseToOthers(int fd) =>
        FileStatus.TryOf(fd, out var file) && (file.Mode & WorldWritable) != 0 && file.Uid == UnixFile.EffectiveUser && Native.ChangeMode(fd, Mode) == 0;

    /// <summary>Removes the FIFO if it is this very one.</summary>
    public void Remove(in FileStatus file)
    {
        if (IsAtPath(file))
        {
            _ = UnixFile.Unlink(Path);
        }
    }

    /// <summary>Refuses what is not ours; true when it is something else than a FIFO.</summary>
    private bool CheckLeftover()
    {
        if (!FileStatus.TryAt(Path, out var there))
        {
            return false;
        }

        RefuseUnsafe(there);
        if (there.Kind == FileKind.Regular && _throttle.IsDue("not_fifo"))
        {
            // What `echo ... > path` leaves when nobody listens.
            LogNotFifo(What, Path.Text);
        }

        return there.Kind != FileKind.Fifo;
    }

    private void RefuseUnsafe(in FileStatus there)
    {
        if (there.Kind is not (FileKind.Fifo or FileKind.Regular) || there.Uid != UnixFile.EffectiveUser || (there.Kind == FileKind.Fifo && (there.Mode & WorldWritable) != 0))
        {
            throw new TransportException(TransportError.Unsafe, $"{What}: refusing {Path}: {Describe(there)}; remove it");
        }
    }

    /// <summary>
    /// Under another name, and then into its place: a shell that writes to the path never finds it empty, where it would leave a regular file,
    /// nor a FIFO with another mode than it should have. The caller is alone: it holds the channel's lock, or the name is its own.
    /// </summary>
    private void Make()
    {
        var beside = new NativePath(Path.Text + ".new");
        _ = UnixFile.Unlink(beside);
        var errno = UnixFile.MakeFifo(beside, Mode, Group);
        Fault.Hit("fifo.made");
        errno = errno == 0 ? UnixFile.Rename(beside, Path) : errno;
        if (errno != 0)
        {
            _ = UnixFile.Unlink(beside);
            throw Failed("make the FIFO", errno);
        }
    }

    private void TellRefused(string found)
    {
        if (_throttle.IsDue("not_written"))
        {
            LogRefused(What, Path.Text, found);
        }
    }

    private TransportException Failed(string step, int errno) =>
        new(Errno.ToTransportError(errno), $"{What}: can't {step} {Path} as uid {UnixFile.EffectiveUser}: {Errno.Describe(errno)}");

    private static string Describe(in FileStatus file) =>
        $"a {file.Kind} owned by uid {file.Uid} with mode 0{Convert.ToString(file.Mode, 8)}, expected a FIFO of uid {UnixFile.EffectiveUser} that not everyone may write";

    [LoggerMessage(Level = LogLevel.Error, Message = "{What}: not_fifo: {Path} was a regular file; it is replaced by a FIFO made anew")]
    private partial void LogNotFifo(string what, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{What}: not writing to {Path}: it is {Found}")]
    private partial void LogRefused(string what, string path, string found);
}
