namespace Omnisight.Kernel.Configuration;

/// <summary>Where an instance keeps FIFOs, JSON files and keys: which directory, and that nobody else can meddle with it.</summary>
internal static class RuntimeDirectory
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OthersMayWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>The seed's place; shared, so every file in it is checked on its own.</summary>
    public const string Seed = "/tmp";

    /// <summary>Configured, else $RUNTIME_DIRECTORY, else $XDG_RUNTIME_DIR/omnisight, else /tmp/omnisight-uid.</summary>
    public static string Resolve(string? configured, bool seedPaths, IReadOnlyDictionary<string, string> environment)
    {
        if (configured is not null)
        {
            return Path.TrimEndingDirectorySeparator(Path.GetFullPath(configured));
        }

        if (seedPaths)
        {
            return Seed;
        }

        // systemd lists several directories separated by colons.
        if (environment.GetValueOrDefault("RUNTIME_DIRECTORY")?.Split(':')[0] is { Length: > 0 } systemd)
        {
            return systemd;
        }

        return environment.GetValueOrDefault("XDG_RUNTIME_DIR") is { Length: > 0 } session
            ? Path.Combine(session, "omnisight")
            : $"/tmp/omnisight-{FileOwner.EffectiveUser}";
    }

    /// <summary>Makes the directory (0700) when it isn't there; refuses one that is not ours or that others may write to.</summary>
    /// <exception cref="ConfigurationException">Exit code 4 or 77.</exception>
    public static void Prepare(string path)
    {
        try
        {
            if (FileOwner.Of(path) is null)
            {
                _ = Directory.CreateDirectory(path, Private);
            }

            if (path == Seed)
            {
                return;
            }

            Check(path);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw Refuse(77, path, $"uid {FileOwner.EffectiveUser} can't use it ({e.Message}); choose another with --set RuntimeDirectory=DIR or give this user permission");
        }
    }

    /// <summary>Why this process can't keep its files there; null when it can.</summary>
    public static ConfigurationException? WhyNot(string path)
    {
        try
        {
            Prepare(path);
            return null;
        }
        catch (ConfigurationException e)
        {
            return e;
        }
    }

    private static void Check(string path)
    {
        var me = FileOwner.EffectiveUser;
        var found = FileOwner.Of(path)!.Value;
        if (found.IsLink || !found.IsDirectory)
        {
            throw Refuse(4, path, $"refusing: it is {(found.IsLink ? "a symbolic link" : "not a directory")}; remove it or choose another with --set RuntimeDirectory=DIR");
        }

        if (found.User != me)
        {
            throw Refuse(77, path, $"refusing: owned by uid {found.User}, this is uid {me}; choose another with --set RuntimeDirectory=DIR");
        }

        if ((found.Mode & OthersMayWrite) != 0)
        {
            throw Refuse(4, path, $"refusing: others may write to it (mode 0{Convert.ToString((int)found.Mode, 8)}); run: chmod 0700 {path}");
        }
    }

    private static ConfigurationException Refuse(int exitCode, string path, string message) =>
        new([new ConfigError("runtime_directory", "RuntimeDirectory", $"runtime directory {path}: {message}")], exitCode);
}
