namespace Omnisight.TransportConformance.Tests;

/// <summary>A publisher with one fault.</summary>
internal sealed class FaultyPublisher(IPublisher inner, Fault fault) : ILoaningPublisher
{
    private static readonly byte[] Spare = new byte[4096];

    private byte[]? _held;
    private byte[] _last = [];
    private int _published;
    private bool _disposed;

    public ChannelSpec Channel => inner.Channel;

    public PayloadEncoding Encoding => inner.Encoding;

    public ulong Epoch => fault is Fault.WrongEpoch ? inner.Epoch + 1 : fault is Fault.SameEpochAfterRestart ? 77 : inner.Epoch;

    public ChannelCounters Counters { get; } = fault == Fault.CountsNothing ? new() : inner.Counters;

    public PublishResult Publish(ReadOnlySpan<byte> payload)
    {
        _published++;
        switch (fault)
        {
            case Fault.SendsTwice:
                inner.Publish(payload);
                break;
            case Fault.LosesEveryTenth when _published % 10 == 0:
                return PublishResult.Published;
            case Fault.SwapsNeighbours:
                return Swap(payload);
            case Fault.TearsPayloads when _published % 50 == 0:
                _ = inner.Publish(Torn(payload));
                return PublishResult.Published;
            case Fault.CutsLongPayloads when payload.Length > 1500:
                return inner.Publish(NumberedPayload.Of(7, 1500));
            case Fault.ThrowsOnTooLarge when payload.Length > Channel.MaxPayloadBytes:
                throw new ArgumentException("too large");
            case Fault.PublishesOnDispose:
                _last = payload.ToArray();
                break;
            case Fault.PublishesAfterDispose when _disposed:
                return PublishResult.Published;
            case Fault.Allocates:
                _last = payload.ToArray();
                break;
        }

        return inner.Publish(payload);
    }

    public PublishResult TryLoan(int payloadBytes, out Loan loan)
    {
        if (fault == Fault.AdmitsSecondLoan && _held is not null)
        {
            loan = new Loan(this, Spare);
            return PublishResult.Published;
        }

        var result = ((ILoaningPublisher)inner).TryLoan(payloadBytes, out var whole);
        _held = result == PublishResult.Published ? Spare : _held;
        loan = result == PublishResult.Published ? new Loan(this, whole.Payload) : default;
        return result;
    }

    public PublishResult CommitLoan(int payloadBytes)
    {
        _held = null;
        return ((ILoaningPublisher)inner).CommitLoan(payloadBytes);
    }

    public void DropLoan()
    {
        _held = null;
        if (fault == Fault.PublishesDroppedLoans)
        {
            ((ILoaningPublisher)inner).CommitLoan(500);
            return;
        }

        ((ILoaningPublisher)inner).DropLoan();
    }

    public ValueTask DisposeAsync()
    {
        if (fault == Fault.PublishesOnDispose && _last.Length > 0)
        {
            inner.Publish(_last);
        }

        _disposed = true;
        return inner.DisposeAsync();
    }

    private PublishResult Swap(ReadOnlySpan<byte> payload)
    {
        if (_held is null)
        {
            _held = payload.ToArray();
            return PublishResult.Published;
        }

        inner.Publish(payload);
        var result = inner.Publish(_held);
        _held = null;
        return result;
    }

    private static byte[] Torn(ReadOnlySpan<byte> payload)
    {
        var torn = payload.ToArray();
        torn[^10] = (byte)'!';
        return torn;
    }
}
