using System.Buffers;
using System.IO.Enumeration;
using System.Security.Cryptography;
using Omnisight.Kernel.Configuration;

namespace Omnisight.Kernel.Plugins;

/// <summary>SHA-256 of a plugin's files, and how they compare with what was recorded.</summary>
internal static class FileHashes
{
    /// <summary>What one system call reads. A stream asks for 4 KB at a time, and one with a larger buffer makes that anew for each file: a start with a hundred files feels both.</summary>
    private const int Block = 256 * 1024;

    /// <summary>The hash of one file, lower-case hex.</summary>
    public static string Of(string path)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(Block);
        for (long at = 0; RandomAccess.Read(file, buffer, at) is > 0 and var read; at += read)
        {
            hash.AppendData(buffer, 0, read);
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The hashes of all files of a folder by their path in it.</summary>
    /// <exception cref="PluginRefusedException">It holds something that is no file.</exception>
    public static SortedDictionary<string, string> OfFolder(string folder) =>
        new(FilesOf(folder).ToDictionary(f => f, f => Of(Path.Combine(folder, f))), StringComparer.Ordinal);

    /// <summary>The files of a folder by their path in it, without following anything out of it.</summary>
    /// <exception cref="PluginRefusedException">It holds a symbolic link (what it points to can change unseen), a pipe, a device: none is a part of a plugin, and reading one may never end.</exception>
    public static IReadOnlyList<string> FilesOf(string folder)
    {
        var root = Path.GetFullPath(folder);
        var found = new FileSystemEnumerable<string>(
            root, (ref FileSystemEntry e) => e.ToFullPath(), new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
        {
            ShouldRecursePredicate = (ref FileSystemEntry e) => !e.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };
        var files = new List<string>();
        foreach (var path in found)
        {
            switch (FileOwner.Of(path))
            {
                case { IsFile: true }:
                    files.Add(Path.GetRelativePath(root, path));
                    break;
                case { IsDirectory: true } or null:
                    break;
                case { IsLink: true }:
                    throw new PluginRefusedException(PluginState.Untrusted, $"{path} is a symbolic link; a plugin's folder holds files only: copy what it points to");
                default:
                    throw new PluginRefusedException(PluginState.Untrusted, $"{path} is no ordinary file (a pipe, socket or device); remove it from the plugin's folder");
            }
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }

    /// <summary>What is wrong with a folder, measured by recorded hashes; null when nothing is. Only files may be recorded: see <see cref="FilesOf"/>.</summary>
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

    /// <summary>What is wrong with a folder, measured by what its build recorded: also code that came later, for the loader would find it.</summary>
    /// <exception cref="PluginRefusedException">It holds something that is no file.</exception>
    public static string? DiffersFromBuild(string folder, IReadOnlyDictionary<string, string> recorded)
    {
        var files = FilesOf(folder);
        return Differs(folder, recorded)
            ?? (recorded.Count > 0 && files.FirstOrDefault(f => IsCode(f) && !recorded.ContainsKey(f)) is { } added ? $"{Path.Combine(folder, added)} was added" : null);
    }

    private static bool IsCode(string file) =>
        file.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".deps.json", StringComparison.OrdinalIgnoreCase)
        || file.EndsWith(".so", StringComparison.Ordinal) || file.Contains(".so.", StringComparison.Ordinal);
}
