namespace Omnisight.Transport.Shm;

/// <summary>How a reader looks into a region. Every method may meet a file that shrank; none trusts what it finds.</summary>
internal interface IRing
{
    /// <summary>The newest frame's number, for one who wants to take it; false when the region is cut short.</summary>
    bool TryReadLatest(out ulong latest);

    /// <summary>What the writer says of itself, as of the last <see cref="TryReadLatest"/> or later.</summary>
    RingControl Control { get; }

    /// <summary>The same for one who wants to sleep: its notify was read before its latest. False when the region is cut short.</summary>
    bool TryReadForWait(out RingControl control);

    /// <summary>Finds a frame without taking it: what its slot says of it now. False when the slot holds another.</summary>
    bool TryLook(ulong sequence, out RingFrame frame);

    /// <summary>Takes frame <paramref name="sequence"/>, the latest as it was last read, if it is still whole in its slot.</summary>
    TakeResult Take(ulong sequence, IPayloadDecoder decoder, out RingFrame frame);
}
