using Microsoft.AspNetCore.Connections;

namespace Omnisight.Api.Rest.Hosting;

/// <summary>Holds at most so many connections of an endpoint; more are closed as they come. Kestrel's own limit is one for all endpoints, and would close the management address with the rest.</summary>
internal sealed class ConnectionLimit(int most)
{
    private int _held;
    private long _refused;

    public int Held => Volatile.Read(ref _held);

    public long Refused => Interlocked.Read(ref _refused);

    public ConnectionDelegate Wrap(ConnectionDelegate next) => async connection =>
    {
        if (Interlocked.Increment(ref _held) > most)
        {
            _ = Interlocked.Decrement(ref _held);
            _ = Interlocked.Increment(ref _refused);
            connection.Abort();
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            _ = Interlocked.Decrement(ref _held);
        }
    };
}
