using System.Text.RegularExpressions;
using Omnisight.Transport.Shm;

namespace Omnisight.Sdk;

/// <summary>Names and directories of an instance (protocol section 5).</summary>
internal static partial class Places
{
    public const string DefaultInstance = "omnisight";
    private const string Regions = "/dev/shm";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static unsafe string Instance(byte* text)
    {
        var instance = CText.Read(text, DefaultInstance);
        return InstanceName().IsMatch(instance) ? instance : throw new BadArgumentException($"instance '{instance}' is not [a-z0-9-]{{1,31}}");
    }

    public static ChannelName Channel(string text) =>
        ChannelName.TryParse(text, out var name) ? name : throw new BadArgumentException($"channel '{text}' is not [a-z0-9_-]{{1,31}}");

    /// <summary>For those who serve: given, or by the environment; made (0700) when it is not there.</summary>
    public static string ForServer(string? given)
    {
        var path = Path.GetFullPath(given ?? FromEnvironment());
        if (!Directory.Exists(path))
        {
            _ = Directory.CreateDirectory(path, Private);
        }

        return path;
    }

    /// <summary>For clients: given, else what a live region of the instance says, else by the environment.</summary>
    public static string ForClient(string? given, string instance) =>
        Path.GetFullPath(given ?? FromRegions(instance) ?? FromEnvironment());

    private static string FromEnvironment() =>
        Environment.GetEnvironmentVariable("RUNTIME_DIRECTORY")?.Split(':')[0] is { Length: > 0 } systemd ? systemd
        : Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } session ? Path.Combine(session, "omnisight")
        : $"/tmp/omnisight-{NativeLibc.EffectiveUser()}";

    private static string? FromRegions(string instance)
    {
        if (!Directory.Exists(Regions))
        {
            return null;
        }

        var bytes = new byte[RegionLayout.HeaderBytes];
        return Directory.EnumerateFiles(Regions, instance + "_*")
            .Select(path => ReadHeader(path, bytes))
            .FirstOrDefault(directory => directory is { Length: > 0 });
    }

    private static string? ReadHeader(string path, byte[] bytes)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var length = RandomAccess.Read(file, bytes, 0);
            return RegionHeader.TryParse(bytes.AsSpan(0, length), RandomAccess.GetLength(file), out var header).IsNone ? header.RuntimeDirectory : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [GeneratedRegex("^[a-z0-9-]{1,31}\\z")]
    private static partial Regex InstanceName();
}
