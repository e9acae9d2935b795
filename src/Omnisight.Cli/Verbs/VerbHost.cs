using System.CommandLine;

namespace Omnisight.Cli.Verbs;

/// <summary>What verbs are made with.</summary>
internal sealed record VerbHost(Surroundings Surroundings, CancellationToken Stop)
{
    /// <summary>A verb: its action gets a session, and what it throws becomes a message and an exit code.</summary>
    public CliVerb Verb(string name, string description, IEnumerable<Symbol> arguments, Func<Session, Task<int>> action)
    {
        var command = new CliVerb(name, description);
        foreach (var symbol in arguments)
        {
            if (symbol is Option option)
            {
                command.Add(option);
            }
            else
            {
                command.Add((Argument)symbol);
            }
        }

        command.SetAction((parsed, _) => CommandLine.Guard(new Session(parsed, Surroundings, Stop), action));
        return command;
    }

    /// <summary>A verb that is done at once.</summary>
    public CliVerb Verb(string name, string description, IEnumerable<Symbol> arguments, Func<Session, int> action) =>
        Verb(name, description, arguments, session => Task.FromResult(action(session)));

    /// <summary>A verb that holds others.</summary>
    public static CliVerb Group(string name, string description, params CliVerb[] verbs)
    {
        var group = new CliVerb(name, description);
        foreach (var verb in verbs)
        {
            group.Add(verb);
        }

        return group;
    }
}
