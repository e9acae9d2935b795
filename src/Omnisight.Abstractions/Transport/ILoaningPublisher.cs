namespace Omnisight;

/// <summary>A publisher whose memory can be filled in place: loan, fill, commit. A loan that is dropped publishes nothing.</summary>
public interface ILoaningPublisher : IPublisher
{
    /// <summary>Borrows room for a payload of up to <paramref name="payloadBytes"/>. One loan at a time; no <see cref="IPublisher.Publish"/> meanwhile.</summary>
    /// <exception cref="InvalidOperationException">A loan is open already.</exception>
    PublishResult TryLoan(int payloadBytes, out Loan loan);

    /// <summary>Called by <see cref="Loan.Commit"/>.</summary>
    PublishResult CommitLoan(int payloadBytes);

    /// <summary>Called by <see cref="Loan.Dispose"/> of a loan that was not committed.</summary>
    void DropLoan();
}

/// <summary>Room for one payload inside the transport's memory. A loan has ended when its <c>using</c> block has: the next one is taken after that.</summary>
/// <example><code>
/// if (publisher.TryLoan(bytes, out var loan) == PublishResult.Published)
///     using (loan) { Fill(loan.Payload); loan.Commit(bytes); }
/// </code></example>
public ref struct Loan
{
    private ILoaningPublisher? _owner;

    /// <summary>Made by a publisher.</summary>
    public Loan(ILoaningPublisher owner, Span<byte> payload)
    {
        _owner = owner;
        Payload = payload;
    }

    /// <summary>The room; its content is undefined. Not to be used after <see cref="Commit"/> or <see cref="Dispose"/>.</summary>
    public Span<byte> Payload { get; private set; }

    /// <summary>Publishes the first <paramref name="payloadBytes"/> of the room.</summary>
    public PublishResult Commit(int payloadBytes)
    {
        var owner = _owner ?? throw new InvalidOperationException("this loan was committed or dropped already");
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)payloadBytes, (uint)Payload.Length, nameof(payloadBytes));
        _owner = null;
        Payload = default;
        return owner.CommitLoan(payloadBytes);
    }

    /// <summary>Drops the loan unless it was committed.</summary>
    public void Dispose()
    {
        var owner = _owner;
        _owner = null;
        Payload = default;
        owner?.DropLoan();
    }
}
