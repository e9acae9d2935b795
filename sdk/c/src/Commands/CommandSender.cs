using System.Diagnostics;
using System.Text.Json;
using Omnisight.Commands;
using Omnisight.Transport.Files;

namespace Omnisight.Sdk;

/// <summary>
/// What an OmnisightCommands handle stands for. Asks for the runtime directory again with each command, unless it was given: the node may come
/// later, or come back elsewhere. Thread-safe.
/// </summary>
internal sealed class CommandSender(string instance, string? runtimeDirectory) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _closed = new();
    private CommandConnection? _connection;

    public Acknowledgement Send(string type, JsonElement data, TimeSpan timeout, string? token)
    {
        var start = Stopwatch.GetTimestamp();
        TimeSpan left;
        do
        {
            if (Take() is { } connection)
            {
                try
                {
                    return connection.Client.Send(type, data, timeout - Stopwatch.GetElapsedTime(start), token);
                }
                finally
                {
                    Return(connection);
                }
            }

            left = timeout - Stopwatch.GetElapsedTime(start);
        }
        while (left > TimeSpan.Zero && !_closed.Wait(left < Pause ? left : Pause));

        return new Acknowledgement
        {
            RequestId = "",
            Success = false,
            Code = CommandCodes.NoCore,
            Message = $"{Places.ForClient(runtimeDirectory, instance, [])} does not exist: start the node, or check the instance and the runtime directory",
            TimestampMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
        };
    }

    /// <summary>Commands under way are finished first, by their own threads.</summary>
    public void Dispose()
    {
        _closed.Set();
        lock (_gate)
        {
            Replace(null);
        }
    }

    /// <summary>The connection to the directory that is right now; null while that does not exist.</summary>
    private CommandConnection? Take()
    {
        var directory = Places.ForClient(runtimeDirectory, instance, []);
        var group = CommandConnection.GroupOf(directory, instance);
        lock (_gate)
        {
            if (_closed.IsSet)
            {
                throw new BadArgumentException(ErrorCode.BadHandle, "commands was closed meanwhile");
            }

            if (_connection?.Directory != directory || _connection.Group != group)
            {
                if (!FileStatus.TryAt(new NativePath(directory), out _))
                {
                    return null;
                }

                Replace(new CommandConnection(instance, directory, group));
            }

            _connection!.Users++;
            return _connection;
        }
    }

    private void Return(CommandConnection connection)
    {
        lock (_gate)
        {
            connection.Users--;
            if (connection != _connection)
            {
                CloseUnused(connection);
            }
        }
    }

    private void Replace(CommandConnection? next)
    {
        var former = _connection;
        _connection = next;
        if (former is not null)
        {
            CloseUnused(former);
        }
    }

    private static void CloseUnused(CommandConnection connection)
    {
        if (connection.Users == 0)
        {
            connection.Dispose();
        }
    }
}
