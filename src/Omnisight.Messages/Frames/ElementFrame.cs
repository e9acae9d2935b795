using System.Runtime.InteropServices;

namespace Omnisight.Messages;

/// <summary>
/// What all frames have in common: a time, an image size and a list of fixed-size elements that is reused from frame to frame.
/// Allocates only when it grows. Not thread-safe.
/// </summary>
public abstract class ElementFrame<TElement> : IPartialPayload
    where TElement : unmanaged
{
    private TElement[] _elements;
    private float[] _ranks = [];
    private int _count;

    private protected ElementFrame(int capacity) => _elements = new TElement[capacity];

    /// <summary>When the frame was taken: Unix epoch milliseconds, for display.</summary>
    public ulong TimestampMs { get; set; }

    /// <summary>The image's width in pixels.</summary>
    public ushort Width { get; set; }

    /// <summary>The image's height in pixels.</summary>
    public ushort Height { get; set; }

    /// <summary>How many elements did not fit into the frame when it was encoded; null when that is not known (version 1).</summary>
    public uint? Truncated { get; set; }

    /// <summary>The version it was decoded from; 0 when it was not decoded from bytes.</summary>
    public int Version { get; internal set; }

    /// <summary>Elements that the last decoding dropped because of their values (PROTOCOL 1.6).</summary>
    public int Dropped { get; internal set; }

    /// <summary>Elements that the last encoding left out because they did not fit: the least confident ones.</summary>
    public int LeftOut { get; internal set; }

    /// <summary>What did not fit before and what the last encoding left out.</summary>
    internal uint AllTruncated => (uint)Math.Min(uint.MaxValue, (Truncated ?? 0) + (ulong)LeftOut);

    /// <summary>How many elements there are.</summary>
    public int Count => _count;

    /// <summary>The elements; valid until the next <see cref="Add"/>, <see cref="Resize"/> or decoding.</summary>
    public Span<TElement> Elements => _elements.AsSpan(0, _count);

    /// <summary>Adds an element.</summary>
    public void Add(in TElement element)
    {
        if (_count == _elements.Length)
        {
            Array.Resize(ref _elements, Math.Max(4, _count * 2));
        }

        _elements[_count++] = element;
    }

    /// <summary>Makes room for exactly this many elements and returns them; their content is undefined. To fill a frame in place.</summary>
    public Span<TElement> Resize(int count)
    {
        if (count > _elements.Length)
        {
            _elements = new TElement[count];
        }

        _count = count;
        return Elements;
    }

    /// <summary>Removes the elements and what was counted; the header's values stay.</summary>
    public void Clear()
    {
        _count = 0;
        Truncated = null;
        Dropped = 0;
        LeftOut = 0;
    }

    /// <summary>What a frame keeps first when not all fits.</summary>
    internal abstract float Rank(in TElement element);

    /// <summary>True when all numbers of the element are in their range.</summary>
    internal abstract bool IsValid(in TElement element);

    /// <summary>How many elements from the first on are valid: all of them, as a rule. A frame of many elements asks itself, where the check needs no virtual call.</summary>
    internal virtual int CountValidFromStart()
    {
        var elements = Elements;
        var count = 0;
        while (count < elements.Length && IsValid(in elements[count]))
        {
            count++;
        }

        return count;
    }

    internal ReadOnlySpan<byte> ElementBytes => MemoryMarshal.AsBytes(Elements);

    /// <summary>Room for one rank an element, reused.</summary>
    internal Span<float> Ranks()
    {
        if (_ranks.Length < _count)
        {
            _ranks = new float[_elements.Length];
        }

        return _ranks.AsSpan(0, _count);
    }
}
