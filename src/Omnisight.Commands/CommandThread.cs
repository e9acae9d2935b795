namespace Omnisight.Commands;

/// <summary>A loop on a thread of its own, for readers that wait on the caller's thread: a wake goes straight to who handles it.</summary>
internal static class CommandThread
{
    public static Task RunAsync(string name, Action loop)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                loop();
                end.SetResult();
            }
            catch (Exception e)
            {
                // An exception that leaves a thread ends the process: it belongs to whoever awaits the loop.
                end.SetException(e);
            }
        })
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        return end.Task;
    }
}
