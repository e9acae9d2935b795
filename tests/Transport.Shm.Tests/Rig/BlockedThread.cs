using System.Runtime.InteropServices;

namespace Omnisight.Transport.Shm.Tests;

/// <summary>A thread that waits: what a test does next must find it asleep in the kernel.</summary>
internal static partial class BlockedThread
{
    /// <summary>Begins to wait for a frame on a thread of its own; the wait's result, once that thread sleeps.</summary>
    public static async Task<Task<bool>> Wait(IReader reader, TimeSpan timeout)
    {
        var id = 0;
        var ended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            Volatile.Write(ref id, ThreadId());
            try
            {
                ended.SetResult(((IBlockingReader)reader).Wait(timeout));
            }
            catch (Exception e)
            {
                ended.SetException(e);
            }
        })
        { IsBackground = true }.Start();
        await Eventually.Become(() => ended.Task.IsCompleted || (Volatile.Read(ref id) is not 0 and var thread && Threads.Sleeps(thread)), "the thread sleeps in its wait");
        return ended.Task;
    }

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int ThreadId();
}
