using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Omnisight.Commands;

/// <summary>
/// Sends commands to the core and waits for its acknowledgements. A command is sent again, under the same request_id, until it is
/// acknowledged or its time is up: the core carries it out once. Commands with effects name the core's epoch, so that a repetition
/// never reaches the successor of the core that was meant. Thread-safe.
/// </summary>
/// <example><code>
/// await using var client = new CommandClient(transport, transport, logger, TimeProvider.System);
/// var acknowledgement = await client.SendAsync("PING", default, TimeSpan.FromSeconds(1));
/// </code></example>
public sealed class CommandClient : ICommandClient, IAsyncDisposable
{
    /// <summary>A line that was read but not acknowledged for this long was lost with its core, or its acknowledgement was.</summary>
    private static readonly TimeSpan ResendAfter = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10), LongestPause = TimeSpan.FromMilliseconds(200);

    private readonly TimeProvider _time;
    private readonly IPublisher _commands;
    private readonly AcknowledgementInbox _inbox;
    private readonly Lock _publishGate = new();
    private readonly string _idPrefix = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)) + "-";
    private long _lastId;
    private Greeted? _core;

    /// <summary>Opens the sending end of the commands, and an inbox (or the shared acknowledgements, where the transport has no inboxes).</summary>
    /// <exception cref="TransportException">The transport can't open them.</exception>
    public CommandClient(ITransport commands, ITransport acks, ILogger logger, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(commands);
        ArgumentNullException.ThrowIfNull(acks);
        _time = time;
        _commands = commands.OpenPublisher(CommandChannels.Commands);
        _inbox = new AcknowledgementInbox(acks, logger);
    }

    /// <summary>The epoch of the core that last answered HELLO; null before.</summary>
    public ulong? CoreEpoch => _core?.Epoch;

    /// <inheritdoc/>
    public async ValueTask<Acknowledgement> SendAsync(string type, JsonElement data, TimeSpan timeout, string? token = null, CancellationToken cancellationToken = default)
    {
        _inbox.StartReading();
        var deadline = new Deadline(_time, timeout);
        while (true)
        {
            if (NamesEpoch(type) && _core is null)
            {
                var hello = await ExchangeAsync(BuiltIn.Hello, default, null, null, deadline, cancellationToken).ConfigureAwait(false);
                if (!Learn(hello.Acknowledgement))
                {
                    return hello.Acknowledgement;
                }
            }

            var answer = await ExchangeAsync(type, data, token, NamesEpoch(type) ? _core?.Epoch : null, deadline, cancellationToken).ConfigureAwait(false);
            if (!MeansAnotherCore(answer, deadline))
            {
                return answer.Acknowledgement;
            }
        }
    }

    /// <summary>
    /// As <see cref="SendAsync"/>, on the caller's own thread: where the transport can wait there, the acknowledgement comes without a
    /// change of threads. For tools and for callers that have no use for tasks.
    /// </summary>
    public Acknowledgement Send(string type, JsonElement data, TimeSpan timeout, string? token = null)
    {
        var deadline = new Deadline(_time, timeout);
        while (true)
        {
            if (NamesEpoch(type) && _core is null)
            {
                var hello = Exchange(BuiltIn.Hello, default, null, null, deadline);
                if (!Learn(hello.Acknowledgement))
                {
                    return hello.Acknowledgement;
                }
            }

            var answer = Exchange(type, data, token, NamesEpoch(type) ? _core?.Epoch : null, deadline);
            if (!MeansAnotherCore(answer, deadline))
            {
                return answer.Acknowledgement;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _inbox.DisposeAsync().ConfigureAwait(false);
        await _commands.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<Answer> ExchangeAsync(string type, JsonElement data, string? token, ulong? epoch, Deadline deadline, CancellationToken cancellationToken)
    {
        var (pending, line) = Begin(type, data, token, epoch);
        try
        {
            var sent = 0;
            for (var pause = FirstPause; ;)
            {
                var result = Publish(line);
                if (result == PublishResult.Published)
                {
                    sent++;
                    var wait = deadline.Limit(ResendAfter);
                    await ((Task)pending.Task).WaitAsync(wait, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    cancellationToken.ThrowIfCancellationRequested();
                }
                else if (result == PublishResult.TooLarge || deadline.IsOver)
                {
                    return Unsent(pending.Id, result, line.Length, sent);
                }
                else
                {
                    await Task.Delay(deadline.Limit(pause), _time, cancellationToken).ConfigureAwait(false);
                    pause = Longer(pause);
                }

                if (pending.IsCompleted)
                {
                    return new Answer(await pending.Task.ConfigureAwait(false), sent);
                }

                if (deadline.IsOver)
                {
                    return sent > 0 ? Unanswered(pending.Id, sent) : Unsent(pending.Id, result, line.Length, sent);
                }
            }
        }
        finally
        {
            _inbox.Forget(pending);
        }
    }

    private Answer Exchange(string type, JsonElement data, string? token, ulong? epoch, Deadline deadline)
    {
        var (pending, line) = Begin(type, data, token, epoch);
        try
        {
            var sent = 0;
            for (var pause = FirstPause; ;)
            {
                var result = Publish(line);
                if (result == PublishResult.Published)
                {
                    sent++;
                    _inbox.Wait(pending, new Deadline(_time, deadline.Limit(ResendAfter)));
                }
                else if (result == PublishResult.TooLarge || deadline.IsOver)
                {
                    return Unsent(pending.Id, result, line.Length, sent);
                }
                else
                {
                    _inbox.Wait(pending, new Deadline(_time, deadline.Limit(pause)));
                    pause = Longer(pause);
                }

                if (pending.IsCompleted)
                {
                    return new Answer(pending.Task.GetAwaiter().GetResult(), sent);
                }

                if (deadline.IsOver)
                {
                    return sent > 0 ? Unanswered(pending.Id, sent) : Unsent(pending.Id, result, line.Length, sent);
                }
            }
        }
        finally
        {
            _inbox.Forget(pending);
        }
    }

    private (PendingRequest Pending, byte[] Line) Begin(string type, JsonElement data, string? token, ulong? epoch)
    {
        var pending = new PendingRequest(_idPrefix + Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture));
        _inbox.Expect(pending);
        return (pending, CommandLine.Write(
            new Command { Type = type, RequestId = pending.Id, TimestampMs = NowMs(), Data = data, ReplyTo = _inbox.Address, Epoch = epoch }, token));
    }

    private PublishResult Publish(byte[] line)
    {
        lock (_publishGate)
        {
            return _commands.Publish(line);
        }
    }

    private bool Learn(Acknowledgement hello)
    {
        if (hello.Success && hello.Data.ValueKind == JsonValueKind.Object && hello.Data.TryGetProperty("epoch"u8, out var epoch) && epoch.TryGetUInt64(out var value))
        {
            _core = new Greeted(value);
            return true;
        }

        return false;
    }

    /// <summary>
    /// True when the command should be sent to the new core: it was sent once, and the new core itself says that it was not carried out.
    /// After a repetition the earlier core may have carried it out, and only the caller can know whether once more is right.
    /// </summary>
    private bool MeansAnotherCore(Answer answer, Deadline deadline)
    {
        if (answer.Acknowledgement.Code != CommandCodes.WrongEpoch)
        {
            return false;
        }

        _core = null;
        return answer.TimesSent == 1 && !deadline.IsOver;
    }

    private Answer Unsent(string id, PublishResult result, int length, int sent) => result switch
    {
        PublishResult.TooLarge => Local(id, CommandCodes.TooLarge, $"the command has {length} bytes; at most {CommandChannels.MaxCommandBytes} fit", sent),
        PublishResult.NoReader => Local(id, CommandCodes.NoCore, "nobody reads the commands: start the node, or check Omnisight:Instance and the runtime directory", sent),
        _ => Local(id, CommandCodes.NoCore, $"the command could not be sent: {result}", sent),
    };

    private Answer Unanswered(string id, int sent) =>
        Local(id, CommandCodes.AckTimeout, "no acknowledgement in time; the command may have been carried out", sent);

    private Answer Local(string id, string code, string message, int sent) =>
        new(new Acknowledgement { RequestId = id, Success = false, Code = code, Message = message, TimestampMs = NowMs() }, sent);

    private long NowMs() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private static bool NamesEpoch(string type) => type is not (BuiltIn.Ping or BuiltIn.Hello);

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    private sealed record Greeted(ulong Epoch);

    private readonly record struct Answer(Acknowledgement Acknowledgement, int TimesSent);
}
