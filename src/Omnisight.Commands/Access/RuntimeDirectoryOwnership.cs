namespace Omnisight.Commands;

/// <summary>Who can reach what lies in the runtime directory.</summary>
public static class RuntimeDirectoryOwnership
{
    /// <summary>True when the directory is 0700 and ours: whoever can write a command there is us (or root), so no token is asked for.</summary>
    public static bool OwnerIsEnough(string directory) => NativeFile.IsPrivateDirectory(directory);
}
