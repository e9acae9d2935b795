using System.Runtime.InteropServices;
using Xunit;

namespace Omnisight.Transport.Files.Testing;

/// <summary>What only root can set up: files of another user.</summary>
internal static class Root
{
    public const uint Nobody = 65534;

    public static void Require()
    {
        if (geteuid() != 0)
        {
            Assert.Skip("needs root, to make files of another user");
        }
    }

    public static void GiveToNobody(string path)
    {
        if (lchown(path, Nobody, Nobody) != 0)
        {
            throw new IOException($"lchown {path}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    public static void GiveToGroup(string path, uint group)
    {
        if (lchown(path, uint.MaxValue, group) != 0)
        {
            throw new IOException($"lchown {path}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [DllImport("libc")]
    private static extern uint geteuid();

    [DllImport("libc", SetLastError = true)]
    private static extern int lchown(string path, uint owner, uint group);
}
