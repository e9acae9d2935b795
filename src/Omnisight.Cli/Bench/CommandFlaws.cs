using Omnisight.Commands;

namespace Omnisight.Cli.Bench;

/// <summary>Commands that nobody answered, and those whose answer is not theirs.</summary>
internal sealed class CommandFlaws
{
    public int Lost { get; private set; }

    public int Wrong { get; private set; }

    public void Judge(Acknowledgement answer, string expected)
    {
        if (answer.Code is CommandCodes.AckTimeout or CommandCodes.NoCore)
        {
            Lost++;
        }
        else if (!answer.Success || answer.Message != expected)
        {
            Wrong++;
        }
    }

    public void Add(int lost, int wrong)
    {
        Lost += lost;
        Wrong += wrong;
    }
}
