using Microsoft.Extensions.Logging;
using Omnisight.Transport.Files;

namespace Omnisight.Transport.Fifo;

/// <summary>One client's own FIFO beside a channel. The flock on it says that its owner lives.</summary>
internal sealed class FifoInbox : FifoReader, IInbox
{
    public FifoInbox(string address, ChannelSpec channel, FifoFile file, int lineLimit, ILiveOptions<FifoOptions> options, PollLoop loop, TimeProvider time, ILogger logger, LogThrottle throttle)
        : base(channel, file, lineLimit, options, loop, time, logger, throttle)
    {
        Address = address;
        Fault.Hit("inbox.made");
        OnReopened();
    }

    public string Address { get; }

    protected override void OnReopened() => _ = Native.Flock(Descriptor, Native.LockEx | Native.LockNb);
}
