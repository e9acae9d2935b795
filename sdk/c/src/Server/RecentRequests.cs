namespace Omnisight.Sdk;

/// <summary>Where late acknowledgements go: the reply_to of the last requests. Thread-safe.</summary>
internal sealed class RecentRequests
{
    private const int Capacity = 1024;
    private readonly Dictionary<string, string?> _replyTo = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = [];

    public void Add(Command command)
    {
        lock (_replyTo)
        {
            if (_replyTo.TryAdd(command.RequestId, command.ReplyTo))
            {
                _order.Enqueue(command.RequestId);
                if (_order.Count > Capacity)
                {
                    _ = _replyTo.Remove(_order.Dequeue());
                }
            }
        }
    }

    /// <summary>The inbox that the request named; null = the shared acknowledgements.</summary>
    public string? Find(string requestId)
    {
        lock (_replyTo)
        {
            return _replyTo.GetValueOrDefault(requestId);
        }
    }
}
