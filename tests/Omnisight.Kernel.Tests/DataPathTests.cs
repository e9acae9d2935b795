using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Omnisight.Kernel.Composition;
using Omnisight.Kernel.Configuration;
using Omnisight.Kernel.Plugins;
using Omnisight.Kernel.Supervision;
using Omnisight.Kernel.Wiring;
using Shouldly;

namespace Omnisight.Kernel.Tests;

/// <summary>The kernel wires the ends and steps aside: what a module holds is the transport's own object.</summary>
public sealed class DataPathTests
{
    private const int Frames = 10_000, Rounds = 3;

    [Fact]
    public async Task Modules_get_the_transports_own_ends_so_the_kernel_adds_no_call()
    {
        await using var bench = new Bench();

        bench.Context.OpenPublisher(Bench.Channel).ShouldBeSameAs(bench.Transport.Publisher);
        bench.Context.OpenReader(Bench.Channel).ShouldBeSameAs(bench.Transport.Reader);
        Referenced(typeof(Publisher<>)).Concat(Referenced(typeof(Reader<>))).ShouldAllBe(a => a != typeof(Node).Assembly.GetName().Name);
    }

    [Fact]
    public async Task A_frame_allocates_as_much_through_the_kernel_as_without_it_and_that_is_nothing()
    {
        await using var bench = new Bench();
        var codec = new BytesCodec();
        var direct = new Publisher<byte[]>(bench.Transport.Publisher, codec);
        var wired = ((IModuleContext)bench.Context).Publisher(codec, Bench.Channel)!;
        var payload = new byte[64];

        Allocated(() => direct.Publish(payload)).ShouldBe(0);
        Allocated(() => wired.Publish(payload)).ShouldBe(0);
        bench.Transport.Publisher.Counters.Values.ShouldBe(2 * ((Rounds * Frames) + 100));
    }

    [Fact]
    public async Task A_channel_that_is_not_its_to_publish_gives_none()
    {
        await using var bench = new Bench();
        var other = new ModuleContext(bench.Plugin, "other", bench.Host, () => { });

        other.OpenPublisher(Bench.Channel).ShouldBeNull();
        bench.Context.OpenPublisher(ChannelName.Parse("elsewhere")).ShouldBeNull();
        bench.Context.OpenReader(ChannelName.Parse("elsewhere")).ShouldBeNull();
    }

    [Fact]
    public async Task Readers_end_with_the_module_that_opened_them_and_the_publisher_stays()
    {
        await using var bench = new Bench();
        _ = bench.Context.OpenReader(Bench.Channel);
        _ = bench.Context.OpenPublisher(Bench.Channel);

        await bench.Context.DisposeAsync();
        bench.Transport.Reader.Closed.ShouldBeTrue();
        bench.Transport.Publisher.Closed.ShouldBeFalse();
    }

    /// <summary>The least of the rounds: what a frame allocates is in every one of them, what comes once, for whatever reason, in one.</summary>
    private static long Allocated(Action frame)
    {
        for (var warmUp = 0; warmUp < 100; warmUp++)
        {
            frame();
        }

        var least = long.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Frames; i++)
            {
                frame();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static IEnumerable<string?> Referenced(Type type) => type.Assembly.GetReferencedAssemblies().Select(a => a.Name);

    [Fact]
    public async Task A_run_that_has_ended_opens_no_reader_and_leaves_none_open()
    {
        await using var bench = new Bench();
        await bench.Context.DisposeAsync();
        Should.Throw<ObjectDisposedException>(() => bench.Context.OpenReader(ChannelName.Parse("bytes"))).Message.ShouldContain("has ended");
        bench.Transport.Reader.Closed.ShouldBeTrue();
    }

    [Theory]
    [InlineData(null, "x")]
    [InlineData("", "x")]
    [InlineData("mine", "")]
    [InlineData("ipc", "x")]
    [InlineData("perception", "enabled")]
    public async Task A_report_that_would_spoil_the_stats_document_is_refused_where_it_is_made(string? section, string name)
    {
        await using var bench = new Bench();
        Should.Throw<ArgumentException>(() => bench.Context.Report(section!, name, 1));
        bench.Context.Reports.ShouldBeEmpty();
    }

    /// <summary>A module's context over a transport that does nothing but count.</summary>
    private sealed class Bench : IAsyncDisposable
    {
        private readonly TestNode _test = new("Fixtures.Memory");

        public Bench()
        {
            _test.Set("Channels:bytes:Transport", "memory");
            var settings = _test.Settings();
            var transports = new TransportCatalog();
            transports.Add("memory", Transport, "test");
            var messages = new MessageCatalog();
            messages.TryAdd(ExportedMessage.Of(new BytesCodec()), "test");
            var channels = new NodeChannels(settings, transports, messages);
            Plugin = new Plugin("test", null);
            channels.Publishers.Open(channels.Planner.Require("bytes"), new PublisherClaim(Plugin, "module"));
            Host = new ModuleHost(
                settings with { Loggers = NullLoggerFactory.Instance }, channels, messages.Find, new SharedCommandClient(channels.Planner, settings.Loggers, settings.Time), null, () => { });
            Context = new ModuleContext(Plugin, "module", Host, () => { });
        }

        public static ChannelName Channel { get; } = ChannelName.Parse("bytes");

        public NullTransport Transport { get; } = new();

        public Plugin Plugin { get; }

        public ModuleHost Host { get; }

        public ModuleContext Context { get; }

        public ValueTask DisposeAsync() => _test.DisposeAsync();
    }
}
