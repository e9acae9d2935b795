namespace Omnisight.Commands;

/// <summary>One request that waits for its acknowledgement; can be awaited, or waited for on the caller's own thread.</summary>
internal sealed class PendingRequest(string id)
{
    private readonly TaskCompletionSource<Acknowledgement> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Id { get; } = id;

    public Task<Acknowledgement> Task => _completion.Task;

    public bool IsCompleted => _completion.Task.IsCompletedSuccessfully;

    public void Complete(Acknowledgement acknowledgement) => _completion.TrySetResult(acknowledgement);
}
