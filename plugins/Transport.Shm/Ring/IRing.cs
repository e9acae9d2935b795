namespace Omnisight.Transport.Shm;

/// <summary>How a reader looks into a region. Every method may meet a file that shrank; none trusts what it finds.</summary>
internal interface IRing
{
    /// <summary>The newest frame's number; false when the region is cut short.</summary>
    bool TryReadLatest(out ulong latest);

    /// <summary>What the writer says of itself, as of the last <see cref="TryReadLatest"/> or later; its notify is older than its latest. False when the region is cut short.</summary>
    bool TryReadControl(out RingControl control);

    /// <summary>Takes frame <paramref name="sequence"/> if it is still whole in its slot.</summary>
    TakeResult Take(ulong sequence, IPayloadDecoder decoder, out RingFrame frame);
}
