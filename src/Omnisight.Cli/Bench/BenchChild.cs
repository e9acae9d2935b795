using System.Diagnostics;

namespace Omnisight.Cli.Bench;

/// <summary>This program again, in a role.</summary>
internal sealed class BenchChild : IDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<string, bool> _report;
    private string? _firstError;
    private bool _reported;

    private BenchChild(Process process, Func<string, bool> report)
    {
        _process = process;
        _report = report;
        process.EnableRaisingEvents = true;
        process.OutputDataReceived += (_, e) => Take(e.Data);
        process.ErrorDataReceived += (_, e) => _firstError ??= e.Data;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public bool HasEnded => _ended.Task.IsCompleted;

    public bool IsReady => _ready.Task.IsCompleted;

    /// <summary>Starts a role; each of its lines goes to <paramref name="report"/>, which says whether it is the result.</summary>
    public static BenchChild Start(IEnumerable<string> arguments, Func<string, bool> report)
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

        return new BenchChild(new Process { StartInfo = info }, report);
    }

    /// <exception cref="CliException">The process ended without a report.</exception>
    public void RequireReport()
    {
        if (!_reported)
        {
            throw new CliException(ExitCode.CheckFailed, $"a bench process ended without a result: {_firstError}");
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
        else if (line == ReaderReport.Ready)
        {
            _ready.TrySetResult();
        }
        else
        {
            lock (_report.Target ?? _report)
            {
                _reported |= _report(line);
            }
        }
    }
}
