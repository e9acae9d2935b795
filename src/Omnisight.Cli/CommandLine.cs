using System.CommandLine;
using Omnisight.Cli.Verbs;
using Omnisight.Kernel;
using Omnisight.Kernel.Configuration;
using Omnisight.Kernel.Plugins;

namespace Omnisight.Cli;

/// <summary>Parses the command line, runs the verb, and turns what goes wrong into a message and an exit code.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args, Surroundings surroundings, StopSignals? signals = null)
    {
        using var own = signals is null ? new CancellationTokenSource() : null;
        var stop = signals?.Token ?? own!.Token;
        var root = new RootCommand("Shares what a camera or robot perceives between processes, languages and machines.");
        GlobalOptions.AddTo(root);
        foreach (var verb in AllVerbs.Make(new VerbHost(surroundings, stop)))
        {
            root.Add(verb);
        }

        if (args.Count == 0)
        {
            // Whoever types the bare name wants to know what there is.
            _ = await root.Parse(["--help"]).InvokeAsync(new InvocationConfiguration { Output = surroundings.Errors, Error = surroundings.Errors }, stop);
            return ExitCode.Usage;
        }

        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                surroundings.Errors.WriteLine($"error: {error.Message}");
            }

            surroundings.Errors.WriteLine($"see: omnisight {string.Join(' ', Path(parsed.CommandResult.Command, root))} --help".Replace("  ", " ", StringComparison.Ordinal));
            return ExitCode.Usage;
        }

        var code = await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = surroundings.Out,
            Error = surroundings.Errors,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        }, stop);
        return signals?.Interrupted == true ? ExitCode.Interrupted : code;
    }

    /// <summary>Runs a verb's action and explains what it throws.</summary>
    public static async Task<int> Guard(Session session, Func<Session, Task<int>> action)
    {
        try
        {
            return await action(session);
        }
        catch (ConfigurationException e)
        {
            foreach (var error in e.Errors)
            {
                session.Print.Error(error.ToString());
            }

            return e.ExitCode;
        }
        catch (CliException e)
        {
            session.Print.Error(e.Message);
            return e.ExitCode;
        }
        catch (NodeStartException e)
        {
            session.Print.Error(e.Message);
            return e.ExitCode;
        }
        catch (PluginRefusedException e)
        {
            session.Print.Error(e.Message);
            return e.State == PluginState.Untrusted ? ExitCode.Unsafe : ExitCode.CheckFailed;
        }
        catch (TransportException e)
        {
            session.Print.Error(e.Message);
            return ExitCodes.Of(e.Error);
        }
        catch (OperationCanceledException) when (session.Stop.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (UnauthorizedAccessException e)
        {
            session.Print.Error($"{e.Message} (as user {Environment.UserName}); run as the node's user, or give this one permission");
            return ExitCode.NoPermission;
        }
        catch (IOException e)
        {
            session.Print.Error(e.Message);
            return ExitCode.CheckFailed;
        }
        catch (Exception e)
        {
            // A fault of this program or of a plugin: the place is what a report needs.
            session.Print.Error($"unexpected {e.GetType().Name}: {e.Message}; please report it with these lines:\n{e.StackTrace}");
            return ExitCode.CheckFailed;
        }
    }

    private static IEnumerable<string> Path(CliVerb command, RootCommand root) =>
        command == root ? [] : Path(command.Parents.OfType<CliVerb>().First(), root).Append(command.Name);
}
