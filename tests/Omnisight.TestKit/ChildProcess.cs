using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Omnisight.TestKit;

/// <summary>A real process of a test: its output, signals to it, and its certain end.</summary>
public sealed class ChildProcess : IDisposable
{
    public const int SigKill = 9, SigTerm = 15, SigInt = 2, SigCont = 18, SigStop = 19;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();

    private ChildProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Add(_output, e.Data);
        process.ErrorDataReceived += (_, e) => Add(_errors, e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public IReadOnlyCollection<string> Output => _output;

    public IReadOnlyCollection<string> Errors => _errors;

    public StreamWriter Input => _process.StandardInput;

    /// <summary>Starts a program.</summary>
    public static ChildProcess Start(string fileName, IEnumerable<string> arguments, string? workingDirectory = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        // A shell that starts a run in the background has its children ignore Ctrl-C, and the runtime keeps to that: give it back.
        var info = new ProcessStartInfo("env", new[] { "--default-signal=INT", fileName }.Concat(arguments))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (var (key, value) in environment ?? new Dictionary<string, string?>())
        {
            info.Environment[key] = value;
        }

        return new ChildProcess(new Process { StartInfo = info });
    }

    /// <summary>Starts a .NET program by its assembly.</summary>
    public static ChildProcess StartDotnet(string assembly, IEnumerable<string> arguments, string? workingDirectory = null, IReadOnlyDictionary<string, string?>? environment = null) =>
        Start("dotnet", new[] { "exec", assembly }.Concat(arguments), workingDirectory, environment);

    /// <summary>Waits until a line of output (or of errors) contains the text, and returns it.</summary>
    public async Task<string> WaitForLine(string text)
    {
        string? Find() => _output.Concat(_errors).FirstOrDefault(l => l.Contains(text, StringComparison.Ordinal));
        string? line = null;
        await Eventually.Become(() => (line = Find()) is not null || (HasExited && Drained()), $"a line with '{text}'");
        // The last lines may have come with the end.
        return line ?? Find() ?? throw new InvalidOperationException($"process {Id} ended with {ExitCode} without a line with '{text}':\n{Transcript()}");
    }

    /// <summary>Waits for the end and returns the exit code.</summary>
    public async Task<int> WaitForExit(TimeSpan? watchdog = null)
    {
        using var cancel = new CancellationTokenSource(watchdog ?? TimeSpan.FromSeconds(60));
        try
        {
            await _process.WaitForExitAsync(cancel.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"process {Id} did not end:\n{Transcript()}");
        }

        return _process.ExitCode;
    }

    public void Signal(int signal) => _ = kill(_process.Id, signal);

    public string Transcript() => string.Join('\n', _output.Concat(_errors));

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Signal(SigCont);
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private bool Drained()
    {
        _process.WaitForExit();
        return true;
    }

    private static void Add(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }

    [DllImport("libc")]
    private static extern int kill(int pid, int signal);
}
