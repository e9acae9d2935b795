using Omnisight.Messages;

namespace Omnisight.Sdk;

/// <summary>What an IPCServer handle stands for: the channels and commands of one core. Thread-safe.</summary>
internal sealed unsafe class Server
{
    private const uint MaxCapacity = 100_000;
    private const uint MaxRate = 1_000_000;
    private readonly ServerConfig _config;
    private readonly Lock _lifetime = new();
    private volatile RunningServer? _running;
    private volatile bool _destroyed;

    /// <summary>Checks the configuration; nothing is opened yet.</summary>
    public Server(in ServerConfig config)
    {
        Instance = Places.Instance(config.Instance);
        RuntimeDirectory = CText.ReadOptional(config.RuntimeDir);
        _config = config;
        Range(config.Protocol, 1, 2, "protocol");
        Range(config.Slots, 2, 64, "slots");
        Range(config.ImageWidth, 0, ushort.MaxValue, "image_width");
        Range(config.ImageHeight, 0, ushort.MaxValue, "image_height");
        Capacity(config.MaxDetections, DetectionCodec.DefaultCapacity, "max_detections");
        Capacity(config.MaxTracks, TrackCodec.DefaultCapacity, "max_tracks");
        Capacity(config.MaxTimelines, TimelineCodec.DefaultCapacity, "max_timelines");
        Range(config.CommandRate, 0, MaxRate, "command_rate");
    }

    public string Instance { get; }

    public string? RuntimeDirectory { get; }

    /// <summary>Null before Start and after Stop.</summary>
    public RunningServer? Running => _running;

    /// <summary>Opens everything or nothing. Does nothing when started already.</summary>
    public void Start()
    {
        if (!TryEnter())
        {
            throw new BadArgumentException(ErrorCode.NotStarted, $"server '{Instance}' is being started or stopped by another thread: do not start it in a callback");
        }

        try
        {
            if (_destroyed)
            {
                throw Destroyed();
            }

            if (_running is null)
            {
                var running = new RunningServer(Instance, Places.ForServer(RuntimeDirectory), _config);
                try
                {
                    running.Open();
                }
                catch
                {
                    running.Close();
                    throw;
                }

                _running = running;
            }
        }
        finally
        {
            _lifetime.Exit();
        }

        // A callback that destroyed the server meanwhile could not stop it.
        if (_destroyed)
        {
            Stop(forGood: true);
            throw Destroyed();
        }
    }

    /// <summary>Closes everything; afterwards no callback runs. Does nothing when stopped already.</summary>
    /// <param name="forGood">It is never started again.</param>
    public void Stop(bool forGood)
    {
        _destroyed |= forGood;
        if (!TryEnter())
        {
            return;
        }

        try
        {
            var running = _running;
            _running = null;
            running?.Close();
        }
        finally
        {
            _lifetime.Exit();
        }
    }

    private BadArgumentException Destroyed() => new(ErrorCode.BadHandle, $"server '{Instance}' was destroyed meanwhile");

    /// <summary>False in a callback while another thread starts or stops: that one waits for this callback to return.</summary>
    private bool TryEnter()
    {
        if (CallbackHandler.Current is not null)
        {
            return _lifetime.TryEnter();
        }

        _lifetime.Enter();
        return true;
    }

    private void Capacity(uint value, uint ofVersion1, string name)
    {
        Range(value, 1, MaxCapacity, name);
        if (_config.Protocol == 1 && value > ofVersion1)
        {
            throw new BadArgumentException($"{name} is {value}, and a frame of protocol 1 holds {ofVersion1}: lower it, or set protocol to 2");
        }
    }

    private static void Range(uint value, uint minimum, uint maximum, string name)
    {
        if (value < minimum || value > maximum)
        {
            throw new BadArgumentException($"{name} is {value}; it must be {minimum} to {maximum} (start from ipc_server_get_default_config)");
        }
    }
}
