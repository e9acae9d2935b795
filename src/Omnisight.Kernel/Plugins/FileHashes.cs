using System.Security.Cryptography;

namespace Omnisight.Kernel.Plugins;

/// <summary>SHA-256 of a plugin's files, and how they compare with what was recorded.</summary>
internal static class FileHashes
{
    /// <summary>The hash of one file, lower-case hex.</summary>
    public static string Of(string path)
    {
        using var stream = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>The hashes of all files of a folder by their path in it. Symbolic links are refused: what they point to can change unseen.</summary>
    public static SortedDictionary<string, string> OfFolder(string folder)
    {
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
        {
            if (File.ResolveLinkTarget(path, returnFinalTarget: false) is not null)
            {
                throw new PluginRefusedException(PluginState.Untrusted, $"{path} is a symbolic link; a plugin's folder holds files only");
            }

            hashes[Path.GetRelativePath(folder, path)] = Of(path);
        }

        return hashes;
    }

    /// <summary>What is wrong with a folder, measured by recorded hashes; null when nothing is.</summary>
    public static string? Differs(string folder, IReadOnlyDictionary<string, string> recorded)
    {
        var root = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        foreach (var (name, hash) in recorded)
        {
            var path = Path.GetFullPath(Path.Combine(folder, name));
            if (!path.StartsWith(root, StringComparison.Ordinal))
            {
                return $"'{name}' lies outside of the plugin's folder";
            }

            if (!File.Exists(path))
            {
                return $"{path} is missing";
            }

            var found = Of(path);
            if (!string.Equals(found, hash, StringComparison.OrdinalIgnoreCase))
            {
                return $"{path} has SHA-256 {found[..12]}..., recorded is {hash[..Math.Min(12, hash.Length)]}...";
            }
        }

        return null;
    }
}
