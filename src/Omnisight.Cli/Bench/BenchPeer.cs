using System.Diagnostics;

namespace Omnisight.Cli.Bench;

/// <summary>This program again, as the other side of a round trip. Its standard input is its life line.</summary>
internal sealed class BenchPeer : IDisposable
{
    /// <summary>What a peer says when it can be talked to.</summary>
    public const string ReadyLine = "ready";

    private readonly Process _process;

    private BenchPeer(Process process) => _process = process;

    public static BenchPeer Start(IEnumerable<string> arguments)
    {
        var program = Environment.ProcessPath ?? "dotnet";
        var info = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            info.ArgumentList.Add("exec");
            info.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "omnisight.dll"));
        }

        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        return new BenchPeer(Process.Start(info) ?? throw new CliException(ExitCode.CheckFailed, $"'{program}' can't be started"));
    }

    /// <exception cref="CliException">The peer ended before it was ready.</exception>
    public async Task Ready(CancellationToken stop)
    {
        while (await _process.StandardOutput.ReadLineAsync(stop) is { } line)
        {
            if (line == ReadyLine)
            {
                return;
            }
        }

        throw new CliException(ExitCode.CheckFailed, "a bench process ended before it was ready; its reason is above");
    }

    /// <summary>Lets a peer that waits begin.</summary>
    public void Begin() => _process.StandardInput.WriteLine();

    /// <summary>What it found, as it says at its end.</summary>
    /// <exception cref="CliException">The peer ended without a word.</exception>
    public async Task<string> Report(CancellationToken stop) =>
        await _process.StandardOutput.ReadLineAsync(stop) ?? throw new CliException(ExitCode.CheckFailed, "a bench process ended without a result; its reason is above");

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
