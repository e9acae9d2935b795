using System.Runtime.InteropServices;

namespace Omnisight.Cli;

/// <summary>SIGINT, SIGTERM, SIGQUIT and SIGHUP (the terminal is gone) ask for a clean stop; a Ctrl-C later on ends the process at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private static readonly TimeSpan Impatience = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _interrupted;
    private long _first;

    public StopSignals()
    {
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT, PosixSignal.SIGHUP })
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, Received));
        }
    }

    public CancellationToken Token => _stop.Token;

    /// <summary>The stop was asked for with Ctrl-C.</summary>
    public bool Interrupted => Volatile.Read(ref _interrupted) == 1;

    public void Dispose()
    {
        _registrations.ForEach(r => r.Dispose());
        _stop.Dispose();
    }

    private void Received(PosixSignalContext context)
    {
        if (_stop.IsCancellationRequested)
        {
            // One request may come twice (to the process and to its group), and a supervisor that loses patience has SIGKILL.
            context.Cancel = context.Signal != PosixSignal.SIGINT || TimeProvider.System.GetElapsedTime(_first) < Impatience;
            return;
        }

        context.Cancel = true;
        _first = TimeProvider.System.GetTimestamp();
        Volatile.Write(ref _interrupted, context.Signal == PosixSignal.SIGINT ? 1 : 0);
        _stop.Cancel();
    }
}
