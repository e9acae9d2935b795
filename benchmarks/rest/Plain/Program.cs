using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

// The plainest Kestrel: the same bytes every time, a bare 304, a bare SSE loop at 10 Hz. What the API is measured against.
// usage: plain-kestrel PORT BODY_FILE
var body = File.ReadAllBytes(args[1]);
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.ListenLocalhost(int.Parse(args[0]));
    kestrel.AddServerHeader = false;
});
var app = builder.Build();
app.MapGet("/bytes", context =>
{
    context.Response.ContentType = "application/json";
    context.Response.ContentLength = body.Length;
    var write = context.Response.BodyWriter.WriteAsync(body);
    return write.IsCompletedSuccessfully ? Task.CompletedTask : write.AsTask();
});
app.MapGet("/unchanged", context =>
{
    context.Response.Headers.ETag = "\"1-1-0\"";
    context.Response.StatusCode = StatusCodes.Status304NotModified;
    return Task.CompletedTask;
});
var current = new TaskCompletionSource<Beat>(TaskCreationOptions.RunContinuationsAsynchronously);
app.MapGet("/sse", async context =>
{
    context.Response.ContentType = "text/event-stream";
    await context.Response.BodyWriter.WriteAsync(": hello\n\n"u8.ToArray());
    var wait = Volatile.Read(ref current);
    try
    {
        while (true)
        {
            var beat = await wait.Task;
            wait = beat.Next;
            _ = await context.Response.BodyWriter.WriteAsync(beat.Bytes, context.RequestAborted);
        }
    }
    catch (OperationCanceledException)
    {
    }
});
_ = Task.Run(async () =>
{
    using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
    var text = Encoding.UTF8.GetString(body);
    var data = text[text.IndexOf("\"data\":", StringComparison.Ordinal)..][7..^1];
    var at = data.IndexOf("\"timestamp\":", StringComparison.Ordinal) + 12;
    while (await timer.WaitForNextTickAsync())
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var beat = new Beat { Bytes = Encoding.UTF8.GetBytes($"event: detections\ndata: {data[..at]}{now}{data[(at + 13)..]}\n\n") };
        var ready = current;
        Volatile.Write(ref current, beat.Next);
        ready.SetResult(beat);
    }
});
app.Run();

internal sealed class Beat
{
    public byte[] Bytes { get; init; } = [];

    public TaskCompletionSource<Beat> Next { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
