namespace Omnisight.Sdk;

/// <summary>What an IPCServer handle stands for: the channels and commands of one core. Thread-safe.</summary>
internal sealed unsafe class Server
{
    private const uint MaxCapacity = 100_000;
    private readonly ServerConfig _config;
    private readonly Lock _lifetime = new();
    private volatile RunningServer? _running;

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
        Range(config.MaxDetections, 1, MaxCapacity, "max_detections");
        Range(config.MaxTracks, 1, MaxCapacity, "max_tracks");
        Range(config.MaxTimelines, 1, MaxCapacity, "max_timelines");
    }

    public string Instance { get; }

    public string? RuntimeDirectory { get; }

    /// <summary>Null before Start and after Stop.</summary>
    public RunningServer? Running => _running;

    /// <summary>Opens everything or nothing. Does nothing when started already.</summary>
    public void Start()
    {
        lock (_lifetime)
        {
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
    }

    /// <summary>Closes everything. Does nothing when stopped already.</summary>
    public void Stop()
    {
        lock (_lifetime)
        {
            var running = _running;
            _running = null;
            running?.Close();
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
