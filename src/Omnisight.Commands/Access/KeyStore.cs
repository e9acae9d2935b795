using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Omnisight.Commands;

/// <summary>
/// The keys of an instance, in <c>&lt;runtime directory&gt;/&lt;instance&gt;_keys.json</c> (0600): id, SHA-256 of the token, scopes, expiry.
/// Every process of the instance reads the same file and sees a change within a second. Thread-safe.
/// </summary>
public sealed class KeyStore
{
    private const string TokenPrefix = "omni_", TemporaryExtension = ".tmp";

    /// <summary>How often the file is looked at: a revoked key is refused after at most this long.</summary>
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private readonly string _path, _lockPath, _adminKeyPath;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private List<AccessKey> _keys = [];
    private readonly ILogger _logger;
    private (ulong Inode, int Mode, DateTime Written) _seen;
    private long _checked;
    private bool _refused;

    private KeyStore(string runtimeDirectory, string instance, TimeProvider time, ILogger logger)
    {
        _logger = logger;
        _path = Path.Combine(runtimeDirectory, instance + "_keys.json");
        _lockPath = Path.Combine(runtimeDirectory, "." + instance + "_keys.lock");
        _adminKeyPath = Path.Combine(runtimeDirectory, instance + "_admin_key");
        _time = time;
    }

    /// <summary>Opens an instance's keys; the file need not exist yet.</summary>
    /// <exception cref="TransportException">The file belongs to somebody else, or others may read it.</exception>
    /// <exception cref="FormatException">The file is not a key file.</exception>
    public static KeyStore Open(string runtimeDirectory, string instance, TimeProvider time, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        var store = new KeyStore(runtimeDirectory, instance, time, logger ?? NullLogger.Instance);
        lock (store._gate)
        {
            store.Load();
        }

        return store;
    }

    /// <summary>The key a token belongs to; null when there is none, or it has expired. Takes the same time for every wrong token.</summary>
    public AccessKey? Authenticate(string? token)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(token ?? ""), hash);

        // A key that another process made a moment ago is good at once: an unknown one is worth a look at the file.
        var match = Match(hash, List()) ?? Match(hash, LoadNow());
        return match is { ExpiresMs: { } expires } && expires <= NowMs() ? null : match;
    }

    private static AccessKey? Match(ReadOnlySpan<byte> hash, IReadOnlyList<AccessKey> keys)
    {
        Span<byte> stored = stackalloc byte[SHA256.HashSizeInBytes];
        AccessKey? match = null;
        foreach (var key in keys)
        {
            // Every key is compared, whether one matched or not.
            if (key.Sha256.Length == stored.Length * 2 && Convert.FromHexString(key.Sha256, stored, out _, out _) == OperationStatus.Done
                && CryptographicOperations.FixedTimeEquals(hash, stored))
            {
                match = key;
            }
        }

        return match;
    }

    private List<AccessKey> LoadNow()
    {
        lock (_gate)
        {
            Reload();
            return _keys;
        }
    }

    /// <summary>The keys there are.</summary>
    public IReadOnlyList<AccessKey> List()
    {
        lock (_gate)
        {
            if (_time.GetElapsedTime(_checked) >= CheckInterval)
            {
                Reload();
            }

            return _keys;
        }
    }

    /// <summary>Makes a key. The token is told once and kept nowhere.</summary>
    /// <param name="scopes">What it allows.</param>
    /// <param name="lifetime">How long it is good for; null = until revoked.</param>
    /// <param name="token">What its user puts into <c>token</c> or <c>Authorization: Bearer</c>.</param>
    public AccessKey Add(IReadOnlyList<CommandScope> scopes, TimeSpan? lifetime, out string token)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        token = $"{TokenPrefix}{id}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24))}";
        var now = NowMs();
        var key = new AccessKey
        {
            Id = id,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token))),
            Scopes = scopes,
            CreatedMs = now,
            ExpiresMs = lifetime is { } l ? now + (long)l.TotalMilliseconds : null,
        };
        Change(keys => keys.Append(key));
        return key;
    }

    /// <summary>Removes a key; false when there is none of that id.</summary>
    public bool Revoke(string id)
    {
        var found = false;
        Change(keys =>
        {
            found = keys.Exists(k => k.Id == id);
            return keys.Where(k => k.Id != id);
        });
        return found;
    }

    /// <summary>On the first run makes a key of scope admin and writes its token to <c>&lt;instance&gt;_admin_key</c> (0600). Returns that file's path.</summary>
    public string EnsureAdminKey()
    {
        if (NativeFile.InodeOf(_adminKeyPath) == 0 || Authenticate(ReadAdminToken()) is null)
        {
            _ = Add([CommandScope.Admin], null, out var token);
            Locked(() => Replace(_adminKeyPath, Encoding.ASCII.GetBytes(token + "\n")));
        }

        return _adminKeyPath;
    }

    private string ReadAdminToken() => Encoding.ASCII.GetString(ReadAll(_adminKeyPath)).Trim();

    private void Change(Func<List<AccessKey>, IEnumerable<AccessKey>> change) => Locked(() =>
    {
        Load();
        Replace(_path, KeyFile.Write([.. change(_keys)]));
        Load();
    });

    private void Locked(Action write)
    {
        lock (_gate)
        {
            using var locked = NativeFile.OpenOwned(_lockPath, append: false);
            NativeFile.Lock(locked);
            RemoveTemporaries(_path);
            RemoveTemporaries(_adminKeyPath);
            write();
        }
    }

    /// <summary>What a process left that was killed while it wrote. Under the lock: nobody else writes now. In a directory that others write to, a file may not be ours to remove.</summary>
    private static void RemoveTemporaries(string path)
    {
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".*" + TemporaryExtension))
        {
            try
            {
                File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is in nobody's way.
            }
        }
    }

    /// <summary>A file that was damaged, or is not ours any more, changes nothing: neither does it open a door nor lock everyone out. It is told once.</summary>
    private void Reload()
    {
        try
        {
            Load();
            _refused = false;
        }
        catch (Exception e) when (e is FormatException or TransportException or IOException or UnauthorizedAccessException)
        {
            if (!_refused)
            {
                CommandLog.KeysRefused(_logger, e.Message);
            }

            _refused = true;
        }
    }

    private void Load()
    {
        _checked = _time.GetTimestamp();
        var inode = NativeFile.InodeOf(_path);
        var seen = (inode, inode == 0 ? 0 : (int)File.GetUnixFileMode(_path), File.GetLastWriteTimeUtc(_path));
        if (seen == _seen)
        {
            return;
        }

        _keys = inode == 0 ? [] : KeyFile.Read(ReadAll(_path), _path);
        _seen = seen;
    }

    private static byte[] ReadAll(string path)
    {
        using var handle = NativeFile.OpenOwned(path, append: false);
        var bytes = new byte[RandomAccess.GetLength(handle)];
        return bytes[..RandomAccess.Read(handle, bytes, 0)];
    }

    private static void Replace(string path, byte[] content)
    {
        var temporary = $"{path}.{Environment.ProcessId}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}{TemporaryExtension}";
        try
        {
            using (var handle = NativeFile.CreateNew(temporary))
            {
                RandomAccess.Write(handle, content, 0);
                RandomAccess.FlushToDisk(handle);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private long NowMs() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
