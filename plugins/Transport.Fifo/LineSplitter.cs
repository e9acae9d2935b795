namespace Omnisight.Transport.Fifo;

/// <summary>Bytes as they come to lines, whatever the chunks. A line longer than the limit is told once, with its length and beginning, when it ends.</summary>
internal sealed class LineSplitter
{
    private const int SmallestRoom = 4096;
    private const int LongestBeginning = 4096;
    private readonly int _limit;
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _scanned;
    private int _end;
    private byte[] _beginning = [];
    private int _beginningLength;
    private long _discarded;
    private bool _discarding;

    /// <param name="limit">The longest line in bytes, with its line break.</param>
    public LineSplitter(int limit) => _limit = limit;

    /// <summary>The longest line in bytes, with its line break.</summary>
    public int Limit => _limit;

    /// <summary>Where the next bytes go; never empty. Lines taken before become invalid.</summary>
    public Span<byte> Free
    {
        get
        {
            if (_buffer.Length - _end < SmallestRoom)
            {
                MakeRoom();
            }

            return _buffer.AsSpan(_end);
        }
    }

    /// <summary>Bytes of a line that has begun.</summary>
    public long PartialBytes => _discarded + (_end - _start);

    /// <summary>How the line began that was too long; until the next line is taken.</summary>
    public ReadOnlySpan<byte> Beginning => _beginning.AsSpan(0, _beginningLength);

    /// <summary>True when a whole line waits.</summary>
    public bool HasLine => _buffer.AsSpan(_scanned, _end - _scanned).Contains((byte)'\n');

    /// <summary>The first bytes of <see cref="Free"/> were filled.</summary>
    public void Commit(int count) => _end += count;

    /// <summary>The next line without its line break, valid until <see cref="Free"/>; or the length of one that was too long.</summary>
    public LineOutcome TryTake(out ReadOnlySpan<byte> line, out long length)
    {
        line = default;
        var at = _buffer.AsSpan(_scanned, _end - _scanned).IndexOf((byte)'\n');
        if (at < 0)
        {
            _scanned = _end;
            if (_discarding || _end - _start >= _limit)
            {
                Discard();
            }

            length = 0;
            return LineOutcome.None;
        }

        at += _scanned;
        line = _buffer.AsSpan(_start, at - _start);
        length = _discarded + line.Length + 1;
        if (length > _limit && !_discarding)
        {
            KeepBeginning(line);
        }
        else if (length <= _limit)
        {
            _beginningLength = 0;
        }

        _start = _scanned = at + 1;
        _discarding = false;
        _discarded = 0;
        return length > _limit ? LineOutcome.TooLong : LineOutcome.Line;
    }

    /// <summary>Forgets a line that has begun, and keeps whole ones. Returns its bytes, and whether it was too long already.</summary>
    public (long Bytes, bool TooLong) DropPartial()
    {
        var whole = _buffer.AsSpan(_start, _end - _start).LastIndexOf((byte)'\n') + 1;
        if (whole > 0)
        {
            var bytes = _end - _start - whole;
            _end = _start + whole;
            _scanned = Math.Min(_scanned, _end);
            return (bytes, false);
        }

        var dropped = (PartialBytes, _discarding);
        _start = _scanned = _end = 0;
        _discarded = 0;
        _discarding = false;
        return dropped;
    }

    private void Discard()
    {
        if (!_discarding)
        {
            KeepBeginning(_buffer.AsSpan(_start, _end - _start));
        }

        _discarding = true;
        _discarded += _end - _start;
        _start = _scanned = _end = 0;
    }

    private void KeepBeginning(ReadOnlySpan<byte> line)
    {
        _beginningLength = Math.Min(line.Length, LongestBeginning);
        if (_beginning.Length == 0)
        {
            _beginning = new byte[LongestBeginning];
        }

        line[.._beginningLength].CopyTo(_beginning);
    }

    private void MakeRoom()
    {
        var used = _end - _start;
        var target = used + SmallestRoom > _buffer.Length ? new byte[_buffer.Length * 2] : _buffer;
        _buffer.AsSpan(_start, used).CopyTo(target);
        _buffer = target;
        _scanned -= _start;
        _start = 0;
        _end = used;
    }
}
