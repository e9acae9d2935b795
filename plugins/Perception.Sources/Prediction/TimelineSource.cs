using Omnisight.Messages;

namespace Omnisight.Perception.Prediction;

/// <summary>
/// Publishes timelines once a second, and at once when a command asks. Thread-safe: the loop tells it what is seen, the command comes from another thread.
/// </summary>
/// <param name="firstAfter">The first of them: a source that goes on for ever need not have all that predicts compiled while its node starts.</param>
internal sealed class TimelineSource(IModuleContext context, Publisher<TimelineFrame> publisher, Func<double> horizonSeconds, TimeSpan firstAfter = default)
{
    private readonly Lock _gate = new();
    private readonly long _period = context.Time.TimestampFrequency;
    private readonly TimelineWriter _writer = new();
    private readonly TimelineFrame _frame = new();
    private readonly List<Agent> _agents = [];
    private long _due = context.Time.GetTimestamp() + (long)(firstAfter.TotalSeconds * context.Time.TimestampFrequency);
    private long _publications;
    private long _eventsPredicted;
    private double _workMs;

    /// <summary>Takes note of what is seen now, and publishes when a second has passed.</summary>
    public void Update(IReadOnlyCollection<Agent> agents, ushort width, ushort height)
    {
        lock (_gate)
        {
            _agents.Clear();
            _agents.AddRange(agents);
            (_frame.Width, _frame.Height) = (width, height);
            var now = context.Time.GetTimestamp();
            if (now >= _due)
            {
                // One period after it was due, so that it does not drift; after a long pause, one period from now.
                _due = Math.Max(_due, now - _period) + _period;
                _ = Publish();
            }
        }
    }

    /// <summary>Predicts from what is seen now and publishes.</summary>
    public (PublishResult Result, int Timelines) Publish()
    {
        lock (_gate)
        {
            var began = context.Time.GetTimestamp();
            var horizon = horizonSeconds();
            var forecasts = new EventPredictor(horizon).Predict(_agents);
            _writer.Write(forecasts, horizon, (ulong)context.Time.GetUtcNow().ToUnixTimeMilliseconds(), _frame, publisher.Channel.Capacity);
            var result = publisher.Publish(_frame);
            _publications++;
            _eventsPredicted += forecasts.Count;
            _workMs += context.Time.GetElapsedTime(began).TotalMilliseconds;
            context.Report("timeline", "active_timelines", _frame.Count);
            context.Report("timeline", "total_events_predicted", _eventsPredicted);
            context.Report("timeline", "avg_prediction_ms", _workMs / _publications);
            return (result, _frame.Count);
        }
    }
}
