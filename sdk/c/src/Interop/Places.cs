using System.Text.RegularExpressions;
using Omnisight.Transport.Files;
using Omnisight.Transport.Shm;

namespace Omnisight.Sdk;

/// <summary>Names and directories of an instance (protocol section 5).</summary>
internal static partial class Places
{
    public const string DefaultInstance = "omnisight";
    private const string Regions = "/dev/shm";

    /// <summary>The seed's place; shared, so every file in it is checked on its own.</summary>
    private const string Seed = "/tmp";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const uint OthersMayWrite = 0x12; // 0022
    private static readonly string[] Told = ["detections", "tracks", "timelines"];

    public static unsafe string Instance(byte* text)
    {
        var instance = CText.Read(text, DefaultInstance);
        return InstanceName().IsMatch(instance) ? instance : throw new BadArgumentException($"instance '{instance}' is not [a-z0-9-]{{1,31}}");
    }

    public static ChannelName Channel(string text) =>
        ChannelName.TryParse(text, out var name) ? name : throw new BadArgumentException($"channel '{text}' is not [a-z0-9_-]{{1,31}}");

    /// <summary>For those who serve: given, or by the environment; made (0700) when it is not there, refused where others could meddle.</summary>
    public static string ForServer(string? given)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(given ?? FromEnvironment()));
        if (!FileStatus.TryAt(new NativePath(path), out _))
        {
            _ = Directory.CreateDirectory(path, Private);
        }

        if (path != Seed)
        {
            RequireOwn(path, orRoot: false);
        }

        return path;
    }

    /// <summary>
    /// For clients: given, else what a region of the instance says that may be trusted, else by the environment. To be asked again while
    /// nobody is found there: the node may come later, and say another.
    /// </summary>
    public static string ForClient(string? given, string instance, IEnumerable<int> trusted)
    {
        if (given is not null)
        {
            return Path.GetFullPath(given);
        }

        if (FromRegions(instance, new RegionTrust(trusted)) is { } told)
        {
            return told;
        }

        var path = Path.GetFullPath(FromEnvironment());
        if (FileStatus.TryAt(new NativePath(path), out _))
        {
            RequireOwn(path, orRoot: true);
        }

        return path;
    }

    private static string FromEnvironment() =>
        Environment.GetEnvironmentVariable("RUNTIME_DIRECTORY")?.Split(':')[0] is { Length: > 0 } systemd ? systemd
        : Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } session ? Path.Combine(session, "omnisight")
        : $"/tmp/omnisight-{NativeLibc.EffectiveUser()}";

    private static string? FromRegions(string instance, RegionTrust trust)
    {
        foreach (var channel in Told)
        {
            var view = RegionView.TryOpen($"{Regions}/{instance}_{channel}", trust, "", map: false, null, out _);
            var told = view?.Header.RuntimeDirectory;
            view?.Release();
            if (told is ['/', ..])
            {
                return Path.GetFullPath(told);
            }
        }

        return null;
    }

    private static void RequireOwn(string path, bool orRoot)
    {
        var me = NativeLibc.EffectiveUser();
        if (!FileStatus.TryAt(new NativePath(path), out var found) || found.Kind != FileKind.Directory)
        {
            throw new BadArgumentException(ErrorCode.Unsafe, $"refusing the runtime directory {path}: it is a {found.Kind}, not a directory; remove it or choose another");
        }

        if (found.Uid != me && !(orRoot && found.Uid == 0))
        {
            throw new BadArgumentException(ErrorCode.Unsafe, $"refusing the runtime directory {path}: owned by uid {found.Uid}, this is uid {me}; choose another with runtime_dir");
        }

        if ((found.Mode & OthersMayWrite) != 0)
        {
            throw new BadArgumentException(ErrorCode.Unsafe, $"refusing the runtime directory {path}: others may write to it (mode 0{Convert.ToString(found.Mode, 8)}); run: chmod 0700 {path}");
        }
    }

    [GeneratedRegex("^[a-z0-9-]{1,31}\\z")]
    private static partial Regex InstanceName();
}
