using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Omnisight.Kernel.Plugins;

/// <summary>
/// When an exception that nobody can catch (a raw thread, async void) ends the process, writes down which plugin's code threw it.
/// The next starts know then whom not to load.
/// </summary>
internal sealed class CrashBlame : IDisposable
{
    private readonly CrashRecord _record;
    private readonly ILogger _logger;

    public CrashBlame(CrashRecord record, ILogger logger)
    {
        _record = record;
        _logger = logger;
        AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
    }

    public void Dispose() => AppDomain.CurrentDomain.UnhandledException -= OnUnhandled;

    /// <summary>The plugin whose code is nearest to where the exception was thrown; null when none is on its stack.</summary>
    internal static string? Find(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            foreach (var frame in new StackTrace(e).GetFrames())
            {
                if (frame.GetMethod()?.Module.Assembly is { } assembly && PluginAssembly.OwnerOf(assembly) is { } plugin)
                {
                    return plugin;
                }
            }
        }

        return null;
    }

    private void OnUnhandled(object sender, UnhandledExceptionEventArgs args)
    {
        try
        {
            if (args.ExceptionObject is Exception exception && Find(exception) is { } plugin)
            {
                var summary = $"{exception.GetType().Name}: {exception.Message}";
                _record.Add(plugin, summary);
                _logger.Blamed(plugin, summary);
            }
        }
        catch (Exception)
        {
            // The process is ending; what can't be written down now is lost.
        }
    }
}
