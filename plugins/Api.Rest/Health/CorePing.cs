namespace Omnisight.Api.Rest.Health;

/// <summary>Whether the core answers a PING: asked at most once a second, however many ask, and never waited for longer than the bound.</summary>
internal sealed class CorePing(IModuleContext context)
{
    private const long KeepNs = 1_000_000_000;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan WaitAtMost = TimeSpan.FromMilliseconds(800);
    private readonly Lock _asking = new();
    private Task<bool> _last = Task.FromResult(false);
    private long _askedNs = long.MinValue / 2;

    /// <summary>True when the core answered the last PING.</summary>
    public async Task<bool> IsResponsiveAsync()
    {
        Task<bool> answer;
        lock (_asking)
        {
            var now = MonotonicClock.NowNs(context.Time);
            if (_last.IsCompleted && now - _askedNs > KeepNs)
            {
                _last = Task.Run(Ask);
                _askedNs = now;
            }

            answer = _last;
        }

        try
        {
            return await answer.WaitAsync(WaitAtMost, context.Time);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task<bool> Ask()
    {
        try
        {
            return (await context.Commands.SendAsync("PING", default, AnswerWithin)).Success;
        }
        catch (Exception)
        {
            // Health must be told, whatever is wrong with the way to the core.
            return false;
        }
    }
}
