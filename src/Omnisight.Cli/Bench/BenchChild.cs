using System.Diagnostics;

namespace Omnisight.Cli.Bench;

/// <summary>This program again, in a role.</summary>
internal sealed class BenchChild : IDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ReaderReport _into;
    private string _lastError = "";
    private bool _reported;

    private BenchChild(Process process, ReaderReport into)
    {
        _process = process;
        _into = into;
        process.EnableRaisingEvents = true;
        process.OutputDataReceived += (_, e) => Take(e.Data);
        process.ErrorDataReceived += (_, e) => _lastError = e.Data ?? _lastError;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public bool HasEnded => _ended.Task.IsCompleted;

    public bool IsReady => _ready.Task.IsCompleted;

    /// <summary>Starts a role; its report is added to <paramref name="into"/>.</summary>
    public static BenchChild Start(IEnumerable<string> arguments, ReaderReport into)
    {
        var program = Environment.ProcessPath ?? "dotnet";
        var info = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            info.ArgumentList.Add("exec");
            info.ArgumentList.Add(typeof(BenchChild).Assembly.Location);
        }

        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        return new BenchChild(new Process { StartInfo = info }, into);
    }

    /// <exception cref="CliException">The process ended without a report.</exception>
    public void RequireReport()
    {
        if (!_reported)
        {
            throw new CliException(ExitCode.CheckFailed, $"a bench process ended without a result: {_lastError}");
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            _ready.TrySetResult();
            _ended.TrySetResult();
        }
        else if (line == "ready")
        {
            _ready.TrySetResult();
        }
        else
        {
            lock (_into)
            {
                _reported |= _into.AddLine(line);
            }
        }
    }
}
