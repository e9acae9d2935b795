using Omnisight.TestKit;
using Xunit;

namespace Omnisight.Transport.Files.Testing;

/// <summary>A second real process on a test's instance.</summary>
internal static class Peer
{
    public static ChildProcess Start(TestInstance instance, string transport, string arguments, string? prefix = null)
    {
        if (arguments.Contains("die-at", StringComparison.Ordinal) || arguments.Contains("--fault", StringComparison.Ordinal))
        {
            RequireFaultPoints();
        }

        var command = new List<string> { "dotnet", "exec", TestPaths.Assembly("tests/Omnisight.PeerProcess") };
        command.AddRange(arguments.Split(' '));
        command.AddRange(["--transport", transport, "--instance", instance.Name, "--directory", instance.Directory]);
        if (prefix is not null)
        {
            command.InsertRange(0, prefix.Split(' '));
        }

        return ChildProcess.Start(command[0], command.Skip(1));
    }

    /// <summary>Closes its input, waits for its end and returns the last line it wrote.</summary>
    public static async Task<string> Finish(this ChildProcess peer)
    {
        peer.Input.Close();
        (await peer.WaitForExit()).ShouldBeZero(peer.Transcript());
        return peer.Output.Last();
    }

    /// <summary>User and system time of a process in clock ticks (hundredths of a second).</summary>
    public static long CpuTicks(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[11]) + long.Parse(fields[12]);
    }

    private static void RequireFaultPoints()
    {
        if (!TestPaths.Flavour.StartsWith("Debug", StringComparison.Ordinal))
        {
            Assert.Skip("points of death are compiled out of Release: dotnet test -c Debug");
        }
    }

    private static void ShouldBeZero(this int code, string transcript)
    {
        if (code != 0)
        {
            throw new InvalidOperationException($"the peer ended with {code}:\n{transcript}");
        }
    }
}
