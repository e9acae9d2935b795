using System.Text.Json;

namespace Omnisight.Perception.Prediction;

/// <summary>Answers REFRESH_TIMELINES by publishing new timelines at once.</summary>
internal sealed class TimelineRefresh(TimelineSource source) : ICommandHandler
{
    public string Type => "REFRESH_TIMELINES";

    public CommandScope Scope => CommandScope.Command;

    public ValueTask<CommandResult> HandleAsync(Command command, CancellationToken cancellationToken)
    {
        var (result, timelines) = source.Publish();
        return ValueTask.FromResult(result == PublishResult.Published
            ? CommandResult.Ok($"published {timelines} timelines", JsonElement.Parse($$"""{"timelines":{{timelines}}}"""))
            : CommandResult.Error("not_published", $"the timelines could not be published: {result}; the core's log says why"));
    }
}
