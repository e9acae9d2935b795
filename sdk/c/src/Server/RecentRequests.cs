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
            if (!_replyTo.ContainsKey(command.RequestId))
            {
                _order.Enqueue(command.RequestId);
                if (_order.Count > Capacity)
                {
                    _ = _replyTo.Remove(_order.Dequeue());
                }
            }

            // Ids are the clients' choice: of two requests with the same one, the newer is asked about.
            _replyTo[command.RequestId] = command.ReplyTo;
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
