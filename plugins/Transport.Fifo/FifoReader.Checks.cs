using Microsoft.Extensions.Logging;
using Omnisight.Transport.Files;

namespace Omnisight.Transport.Fifo;

/// <content>What is looked at when nothing came: a line that was begun, a path that leads elsewhere, a writer that ended.</content>
internal partial class FifoReader
{
    private bool HalfLineIsOver(out Rejection rejection)
    {
        rejection = default;
        if (_splitter.PartialBytes == 0)
        {
            return false;
        }

        var now = MonotonicClock.NowNs(_time);
        if (_partialSince == 0)
        {
            _partialSince = now;
        }

        if (now - _partialSince < _options.Current.HalfLineTimeout.Ticks * 100)
        {
            return false;
        }

        var (bytes, tooLong) = _splitter.DropPartial();
        _partialSince = 0;
        rejection = tooLong ? TooLong(bytes) : new Rejection(RejectReason.Truncated, (ulong)bytes);
        if (_throttle.IsDue("half_line"))
        {
            LogHalfLine(_file.What, bytes);
        }

        return true;
    }

    /// <summary>The FIFO was removed or replaced: make it anew, within a second of anyone's asking.</summary>
    private bool PathIsWrong(out Rejection rejection)
    {
        rejection = default;
        var now = MonotonicClock.NowNs(_time);
        if (now - _pathCheckedAt < PathCheckNs)
        {
            return false;
        }

        _pathCheckedAt = now;
        // A writer that ends cleanly takes its lock away; one that dies leaves it behind.
        _writerStopped = _writerLock is not null && _position.Writer.Pid != 0 && !FileStatus.TryAt(_writerLock, out _);
        if (_lock?.Hold(now) == false)
        {
            // It made a FIFO of its own: what comes by ours is still read, and two that replace each other's help nobody.
            if (_throttle.IsDue("not_held"))
            {
                LogRefused($"{_file.What}: another process has taken the reading end of {_file.Path}, its lock was removed: stop one of the two");
            }

            return false;
        }

        if (_file.IsAtPath(_opened))
        {
            CloseToOthers();
            return false;
        }

        try
        {
            var fd = Open(out var opened, out var replacedFile);
            // What was written before it was replaced is still to be read.
            for (var fills = 0; fills < MaxFills && Fill(); fills++)
            {
            }

            _splitter.DropPartial();
            UnixFile.Close(ref _fd);
            _fd = fd;
            _opened = opened;
            _loop.Watch(_key, fd);
            OnReopened();
            if (_throttle.IsDue("made_anew"))
            {
                LogMadeAnew(_file.What, _file.Path.Text);
            }

            rejection = replacedFile ? new Rejection(RejectReason.NotFifo) : Rejection.None;
            return replacedFile;
        }
        catch (TransportException e)
        {
            if (_throttle.IsDue("not_made"))
            {
                LogRefused(e.Message);
            }

            rejection = new Rejection(e.Error == TransportError.Unsafe ? RejectReason.UnsafeOwner : RejectReason.NotFifo);
            return !_steals;
        }
    }

    /// <summary>Who opens the FIFO to everyone while it is read would let everyone command the core.</summary>
    private void CloseToOthers()
    {
        if (!_steals && _file.CloseToOthers(_fd) && _throttle.IsDue("opened_to_all"))
        {
            LogClosedToOthers(_file.What, _file.Path.Text);
        }
    }

    /// <summary>A thief opens what the owner made, and waits for the owner to make it anew.</summary>
    private int Open(out FileStatus opened, out bool replacedFile)
    {
        replacedFile = false;
        return _steals ? _file.OpenOwn(_options.Current.PipeBytes, out opened) : _file.MakeAndOpen(_options.Current.PipeBytes, out opened, out replacedFile);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What}: dropped a line of {Bytes} B that was begun and never ended")]
    private partial void LogHalfLine(string what, long bytes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What}: {Path} was removed or replaced; opened anew")]
    private partial void LogMadeAnew(string what, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{What}: {Path} was opened to everyone (chmod); its mode is put back. What was written meanwhile may be anybody's")]
    private partial void LogClosedToOthers(string what, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Reason}")]
    private partial void LogRefused(string reason);
}
