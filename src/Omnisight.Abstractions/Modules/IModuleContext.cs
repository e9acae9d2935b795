namespace Omnisight;

/// <summary>What a running module is given. Thread-safe. Ends that it opens are closed by the kernel when the module ends; publishers belong to the kernel and survive it.</summary>
public interface IModuleContext : IPluginContext
{
    /// <summary>The module is up: health turns from starting to running.</summary>
    void Ready();

    /// <summary>The byte publisher of a channel; null when the channel is not this module's to publish.</summary>
    IPublisher? OpenPublisher(ChannelName channel);

    /// <summary>The typed publisher of a channel; null when the channel is not this module's to publish.</summary>
    Publisher<T>? Publisher<T>(IMessageCodec<T> codec, ChannelName channel) =>
        OpenPublisher(channel) is { } bytes ? new Publisher<T>(bytes, codec) : null;

    /// <summary>A byte reader of a channel; null when no transport carries it (not configured, and no known message names it as its channel).</summary>
    IReader? OpenReader(ChannelName channel);

    /// <summary>A typed reader of a channel; null as <see cref="OpenReader"/>.</summary>
    Reader<T>? Reader<T>(IMessageCodec<T> codec, ChannelName channel)
        where T : class, new() =>
        OpenReader(channel) is { } bytes ? new Reader<T>(bytes, codec) : null;

    /// <summary>Every channel of the instance that is configured, known by a message or found by a transport.</summary>
    IReadOnlyList<ChannelEntry> ListChannels();

    /// <summary>How to turn a message's payload into JSON, by its name (with or without version); null when no loaded plugin knows it.</summary>
    IMessageFormat? FindFormat(string messageId);

    /// <summary>Answers commands of the handler's type while this module runs. Effective only in the core.</summary>
    /// <exception cref="InvalidOperationException">Another handler has the type.</exception>
    void Handle(ICommandHandler handler);

    /// <summary>Sends commands to the core, which may be this process or another.</summary>
    ICommandClient Commands { get; }

    /// <summary>
    /// Reports a measurement into the stats document: <c>Report("perception", "fps", 10.2)</c>. The last value counts.
    /// </summary>
    void Report(string section, string name, double value);
}
