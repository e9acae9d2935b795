namespace Omnisight.Messages;

/// <summary>Which elements of a frame are kept when not all fit: the most confident, in their own order; of equals the first ones. Allocates nothing.</summary>
internal ref struct MostConfident<TElement>
    where TElement : unmanaged
{
    private readonly ElementFrame<TElement> _frame;
    private readonly float _threshold;
    private int _equals;

    private MostConfident(ElementFrame<TElement> frame, float threshold, int equals) => (_frame, _threshold, _equals) = (frame, threshold, equals);

    /// <summary>The choice of so many elements.</summary>
    public static MostConfident<TElement> Of(ElementFrame<TElement> frame, int count)
    {
        if (count >= frame.Count)
        {
            return new(frame, float.NegativeInfinity, int.MaxValue);
        }

        if (count == 0)
        {
            return new(frame, float.PositiveInfinity, 0);
        }

        var elements = frame.Elements;
        var ranks = frame.Ranks();
        for (var i = 0; i < elements.Length; i++)
        {
            ranks[i] = Rank(frame, in elements[i]);
        }

        ranks.Sort();
        var threshold = ranks[^count];
        var above = 0;
        for (var i = ranks.Length - 1; i >= 0 && ranks[i] > threshold; i--)
        {
            above++;
        }

        return new(frame, threshold, count - above);
    }

    /// <summary>True when the next element, in the frame's order, is kept.</summary>
    public bool Takes(in TElement element)
    {
        var rank = Rank(_frame, in element);
        return rank > _threshold || (rank == _threshold && _equals-- > 0);
    }

    /// <summary>NaN compares with nothing: it ranks last.</summary>
    private static float Rank(ElementFrame<TElement> frame, in TElement element)
    {
        var rank = frame.Rank(in element);
        return float.IsNaN(rank) ? float.NegativeInfinity : rank;
    }
}
