namespace Omnisight.Transport.Fifo;

/// <summary>
/// Lines for a reader that is about to open: <c>head -n 1 acks &amp; echo ... > cmd</c> is answered before <c>head</c> has opened. The newest are kept,
/// for a second. Not thread-safe: the owner's lock guards it.
/// </summary>
internal sealed class WaitingLines
{
    private const int MaxLines = 64;
    private const long PatienceNs = 1_000_000_000;

    private readonly Queue<(byte[] Line, long Since)> _lines = [];

    public int Count => _lines.Count;

    /// <summary>The one that goes next.</summary>
    public ReadOnlySpan<byte> First => _lines.Peek().Line;

    /// <summary>Keeps a line; the oldest gives way when there are too many. Returns how many were lost.</summary>
    public int Add(ReadOnlySpan<byte> line, long nowNs)
    {
        var lost = DropExpired(nowNs);
        if (_lines.Count == MaxLines)
        {
            _lines.Dequeue();
            lost++;
        }

        _lines.Enqueue((line.ToArray(), nowNs));
        return lost;
    }

    public void RemoveFirst() => _lines.Dequeue();

    /// <summary>Forgets those that waited in vain. Returns how many.</summary>
    public int DropExpired(long nowNs)
    {
        var lost = 0;
        while (_lines.TryPeek(out var oldest) && nowNs - oldest.Since > PatienceNs)
        {
            _lines.Dequeue();
            lost++;
        }

        return lost;
    }
}
