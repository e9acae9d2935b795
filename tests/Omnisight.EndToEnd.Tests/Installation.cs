using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Omnisight.EndToEnd.Tests;

/// <summary>One instance with the built command line: its nodes, its tools, its API. Disposing ends what is left and removes every trace.</summary>
internal sealed class Installation : IDisposable
{
    /// <summary>In the last line that a node prints when it is up.</summary>
    public const string Up = "Ctrl-C";

    private readonly TestInstance _instance = new();
    private readonly List<ChildProcess> _processes = [];

    public Installation()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Api = new Api(new Uri($"http://127.0.0.1:{Port}"));
    }

    public string Name => _instance.Name;

    public string Directory => _instance.Directory;

    public int Port { get; }

    public Api Api { get; }

    public string Region(string channel) => _instance.Region(channel);

    /// <summary>Environment of what is started from now on; null takes a variable away.</summary>
    public Dictionary<string, string?> Overrides { get; } = [];

    /// <summary>What keeps this instance apart from all others.</summary>
    public Dictionary<string, string?> Environment
    {
        get
        {
            var variables = new Dictionary<string, string?>
            {
                ["OMNISIGHT__INSTANCE"] = Name,
                ["OMNISIGHT__RUNTIMEDIRECTORY"] = Directory,
                ["OMNISIGHT__API_REST__URLS"] = $"http://127.0.0.1:{Port}",
                ["NO_COLOR"] = "1",
            };
            foreach (var (name, value) in Overrides)
            {
                variables[name] = value;
            }

            return variables;
        }
    }

    /// <summary>Starts <c>omnisight run</c> and returns at once.</summary>
    public ChildProcess Start(params string[] arguments) => Keep(ChildProcess.StartDotnet(TestPaths.Cli, ["run", .. arguments], environment: Environment));

    /// <summary>Starts <c>omnisight run</c> and waits until it says that it is up.</summary>
    public async Task<ChildProcess> Run(params string[] arguments)
    {
        var node = Start(arguments);
        await node.WaitForLine(Up);
        return node;
    }

    /// <summary>Starts <c>omnisight run</c> under another program (faketime, setpriv).</summary>
    public ChildProcess StartUnder(string[] wrapper, params string[] arguments) =>
        Keep(ChildProcess.Start(wrapper[0], [.. wrapper[1..], "dotnet", "exec", TestPaths.Cli, "run", .. arguments], environment: Environment));

    /// <summary>Runs another verb to its end.</summary>
    public async Task<Outcome> Tool(params string[] arguments)
    {
        var tool = Keep(ChildProcess.StartDotnet(TestPaths.Cli, arguments, environment: Environment));
        var code = await tool.WaitForExit();
        return new Outcome(code, string.Join('\n', tool.Output), string.Join('\n', tool.Errors));
    }

    /// <summary>Sends a command as any program can that writes a line of JSON.</summary>
    public void WriteCommand(string type)
    {
        using var fifo = new FileStream(Path.Combine(Directory, $"{Name}_cmd"), FileMode.Open, FileAccess.Write);
        fifo.Write(Encoding.UTF8.GetBytes($$$"""{"type":"{{{type}}}","timestamp":0,"request_id":"{{{Guid.NewGuid():n}}}","data":{}}""" + "\n"));
    }

    /// <summary>What is left of this instance in shared memory, without the lock files: to remove those would let two writers in.</summary>
    public IReadOnlyList<string> LeftInSharedMemory() =>
    [
        .. System.IO.Directory.EnumerateFiles("/dev/shm", $"*{Name}_*", new EnumerationOptions { AttributesToSkip = 0 })
            .Select(f => Path.GetFileName(f)!)
            .Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)),
    ];

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Dispose();
        }

        Api.Dispose();
        _instance.Dispose();
    }

    private ChildProcess Keep(ChildProcess process)
    {
        _processes.Add(process);
        return process;
    }
}
