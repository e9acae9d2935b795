using Omnisight.Transport.Files;

namespace Omnisight.Transport.Fifo;

/// <summary>
/// Lines into one FIFO, without ever waiting: what the pipe did not take of a line is kept and goes first. Not thread-safe:
/// the owner's lock guards it.
/// </summary>
internal sealed class FifoWriter
{
    private readonly FifoFile _file;
    private FileStatus _opened;
    private byte[] _rest = [];
    private int _restStart;
    private int _restEnd;
    private int _fd = -1;

    public FifoWriter(FifoFile file) => _file = file;

    /// <summary>The open descriptor, -1 = none.</summary>
    public int Descriptor => _fd;

    /// <summary>How often the FIFO was opened: a descriptor's number may come again.</summary>
    public long Openings { get; private set; }

    /// <summary>True while part of a line waits for room.</summary>
    public bool HasRest => _restEnd > _restStart;

    /// <summary>Why the file was refused, when the last write Failed.</summary>
    public RejectReason Refused { get; private set; }

    /// <summary>Lines that were begun and lost with their reader.</summary>
    public long Broken { get; private set; }

    /// <summary>Writes one line, its line break included.</summary>
    public PublishResult Write(ReadOnlySpan<byte> line)
    {
        if (!Flush())
        {
            return PublishResult.Full;
        }

        // Twice: a reader that went away is met by EPIPE once, then by ENXIO or by its successor.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            if (_fd < 0)
            {
                _fd = _file.OpenForWriting(out _opened, out var refused);
                if (_fd < 0)
                {
                    var errno = -_fd;
                    _fd = -1;
                    Refused = refused;
                    return errno is Errno.NoDevice or Errno.NoEntry ? PublishResult.NoReader : PublishResult.Failed;
                }

                Openings++;
            }

            var written = UnixFile.Write(_fd, line);
            if (written == line.Length)
            {
                return PublishResult.Published;
            }

            if (written >= 0)
            {
                Keep(line[written..]);
                return PublishResult.Published;
            }

            if (written == -Errno.Again)
            {
                return PublishResult.Full;
            }

            Close();
            if (written != -Errno.BrokenPipe)
            {
                return PublishResult.Failed;
            }
        }

        return PublishResult.NoReader;
    }

    /// <summary>Writes what is kept; true when nothing is left of it.</summary>
    public bool Flush()
    {
        while (HasRest)
        {
            var written = UnixFile.Write(_fd, _rest.AsSpan(_restStart, _restEnd - _restStart));
            if (written == -Errno.Again)
            {
                return false;
            }

            if (written < 0)
            {
                Broken++;
                Close();
                return true;
            }

            _restStart += written;
        }

        return true;
    }

    /// <summary>Closes when the path leads elsewhere by now, so that the next line finds the new FIFO.</summary>
    public void CheckPath()
    {
        if (_fd >= 0 && !_file.IsAtPath(_opened))
        {
            Broken += HasRest ? 1 : 0; // whoever reads the old one may never come to it
            Close();
        }
    }

    /// <summary>Closes when the reader is gone: an open end would keep what it left unread for its successor, whose lines those are not.</summary>
    public unsafe void CloseIfUnread()
    {
        var poll = new Native.PollFd { Fd = _fd };
        if (_fd >= 0 && Native.Poll(&poll, 1, 0) > 0 && (poll.Returned & Native.PollError) != 0)
        {
            Broken += HasRest ? 1 : 0;
            Close();
        }
    }

    public void Close()
    {
        _restStart = _restEnd = 0;
        UnixFile.Close(ref _fd);
    }

    private void Keep(ReadOnlySpan<byte> rest)
    {
        if (_rest.Length < rest.Length)
        {
            _rest = new byte[rest.Length * 2];
        }

        Fault.Hit("fifo.half_line");
        rest.CopyTo(_rest);
        _restStart = 0;
        _restEnd = rest.Length;
    }
}
