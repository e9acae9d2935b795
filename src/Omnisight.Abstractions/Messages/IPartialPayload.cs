namespace Omnisight;

/// <summary>A payload of elements, of which an encoding or a decoding may leave some out; the typed ends count them.</summary>
public interface IPartialPayload
{
    /// <summary>Elements that the last encoding left out because they did not fit.</summary>
    int LeftOut { get; }

    /// <summary>Elements that the last decoding dropped because of their values.</summary>
    int Dropped { get; }
}
