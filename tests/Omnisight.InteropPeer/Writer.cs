using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.Commands;
using Omnisight.Messages;
using Omnisight.Transport.Fifo;
using Omnisight.Transport.Shm;

namespace Omnisight.InteropPeer;

/// <summary>A core in C#: three channels and the commands.</summary>
internal static class Writer
{
    public static async Task<int> RunAsync(string instance, string directory, int protocol)
    {
        using var stop = new CancellationTokenSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c =>
        {
            c.Cancel = true;
            stop.Cancel();
        });
        await using var shm = new ShmTransport(new PeerContext(instance, directory, new ShmOptions { Protocol = protocol }));
        await using var fifo = new FifoTransport(new PeerContext(instance, directory, new FifoOptions { Group = Environment.GetEnvironmentVariable("PEER_GROUP") ?? "" }));
        await using var acks = new TransportAckSender(fifo, CommandChannels.Acks);
        await using var reader = fifo.OpenReader(CommandChannels.Commands);
        var detections = Open<DetectionFrame>(shm, new DetectionCodec(), protocol);
        var tracks = Open<TrackFrame>(shm, new TrackCodec(), protocol);
        var timelines = Open<TimelineFrame>(shm, new TimelineCodec(), protocol);
        var server = new CommandServer(
            new CommandServerOptions
            {
                Instance = instance,
                Epoch = CommandServerOptions.NewEpoch(),
                OwnerIsEnough = () => true,
                Greeting = json => CoreGreeting.Write(json, "peer", [detections.Channel, tracks.Channel, timelines.Channel]),
            },
            reader, acks, NullLogger.Instance, TimeProvider.System);
        using var refresh = server.Register(new Echo("REFRESH_TIMELINES", CommandScope.Command));
        using var config = server.Register(new Echo("CONFIG_UPDATE", CommandScope.Config));
        var serving = server.RunAsync(stop.Token);

        var detectionFrame = new DetectionFrame();
        var trackFrame = new TrackFrame();
        var timelineFrame = new TimelineFrame();
        Console.WriteLine("ready");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            for (var n = 1u; ; n++)
            {
                Pattern.Fill(detectionFrame, n);
                Pattern.Fill(trackFrame, n);
                Pattern.Fill(timelineFrame, n);
                _ = detections.Publish(detectionFrame);
                _ = tracks.Publish(trackFrame);
                _ = timelines.Publish(timelineFrame);
                _ = await timer.WaitForNextTickAsync(stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            await serving;
            return 0;
        }
    }

    private static Publisher<T> Open<T>(ShmTransport shm, IMessageCodec<T> codec, int version) =>
        new(shm.OpenPublisher(codec.DefaultChannel with { MessageId = new MessageId(codec.Name, version).ToString() }), codec);

    private sealed class Echo(string type, CommandScope scope) : ICommandHandler
    {
        public string Type => type;

        public CommandScope Scope => scope;

        public ValueTask<CommandResult> HandleAsync(Command command, CancellationToken cancellationToken) => ValueTask.FromResult(CommandResult.Ok($"{type} done"));
    }
}
