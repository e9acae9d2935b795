using System.Security.Cryptography;
using Omnisight.Cli.Hosting;
using Omnisight.Kernel;

namespace Omnisight.Cli.Verbs;

/// <summary><c>omnisight run [--profile NAME]</c></summary>
internal static class RunVerb
{
    /// <summary>A module that takes longer to come up does not hold up the greeting.</summary>
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(4);

    public static CliVerb Make(VerbHost host) => host.Verb("run", "Start the node and run until Ctrl-C, SIGTERM or a SHUTDOWN command.", [], Run);

    private static async Task<int> Run(Session session)
    {
        // Every plugin is hashed, and the first hash waits 20 ms for OpenSSL: the other core has them while this one reads the configuration.
        _ = Task.Run(() => SHA256.HashData([]));
        var configuration = session.Configuration;
        configuration.RequireChosenPlugins();
        configuration.PrepareRuntimeDirectory();
        using var loggers = session.Loggers(configuration.LogLevel);
        var node = new Node(session.Settings(loggers));
        var clean = true;
        try
        {
            await node.StartAsync(session.Stop);
            await Task.WhenAny(node.WhenSettled, Task.Delay(SettleLimit, session.Surroundings.Time, session.Stop));
            Greeting.Print(session, node);
            await node.Completion.WaitAsync(session.Stop);
            session.Print.Line("stopping: SHUTDOWN");
        }
        catch (OperationCanceledException) when (session.Stop.IsCancellationRequested)
        {
            session.Print.Line("stopping");
        }
        finally
        {
            clean = await node.StopAsync();
        }

        session.Print.Line(clean ? "stopped" : "stopped; what did not end in time was left behind (see the log)");
        return ExitCode.Ok;
    }
}
