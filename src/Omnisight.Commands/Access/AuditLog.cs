using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Omnisight.Commands;

/// <summary>
/// Who asked for what and what became of it: NDJSON in <c>&lt;runtime directory&gt;/&lt;instance&gt;_audit.ndjson</c> (0600, append-only), shared by the
/// processes of the instance. At 1 MiB it becomes <c>.1</c>, and so on up to <c>.4</c>. Thread-safe. A failure to write is logged, never thrown.
/// </summary>
public sealed class AuditLog : IDisposable
{
    private const int KeptFiles = 4;

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _maxBytes;
    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _buffer = new(512);
    private SafeFileHandle _file;
    private bool _failed, _rotationFailed;

    /// <summary>How the file ends is not known: this process just opened it, or failed to write. Looked at only then, since another's line may be on its way.</summary>
    private bool _unsure = true;

    private AuditLog(string path, TimeProvider time, ILogger logger, long maxBytes)
    {
        _path = path;
        _time = time;
        _logger = logger;
        _maxBytes = maxBytes;
        _file = NativeFile.OpenOwned(path, append: true);
    }

    /// <summary>Opens the log of an instance.</summary>
    /// <exception cref="TransportException">The file belongs to somebody else, or others may read it.</exception>
    public static AuditLog Open(string runtimeDirectory, string instance, TimeProvider time, ILogger logger, long maxBytes = 1 << 20) =>
        new(Path.Combine(runtimeDirectory, instance + "_audit.ndjson"), time, logger, maxBytes);

    /// <summary>Appends one line.</summary>
    public void Write(AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        lock (_gate)
        {
            try
            {
                Format(entry);
                Follow();
                if (RandomAccess.GetLength(_file) + _buffer.WrittenCount > _maxBytes)
                {
                    TryRotate();
                }

                // O_APPEND: the offset is the kernel's business, so lines of two processes never overlap.
                RandomAccess.Write(_file, _unsure && EndsInsideALine() ? [(byte)'\n', .. _buffer.WrittenSpan] : _buffer.WrittenSpan, RandomAccess.GetLength(_file));
                (_failed, _unsure) = (false, false);
            }
            catch (Exception e) when (e is IOException or TransportException or UnauthorizedAccessException or ObjectDisposedException)
            {
                _unsure = true;
                if (!_failed)
                {
                    _failed = true;
                    CommandLog.AuditFailed(_logger, _path, e);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _file.Dispose();
        }
    }

    private void Format(AuditEntry entry)
    {
        _buffer.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("timestamp"u8, _time.GetUtcNow().ToUnixTimeMilliseconds());
            json.WriteNumber("pid"u8, Environment.ProcessId);
            json.WriteString("source"u8, entry.Source);
            json.WriteString("action"u8, entry.Action);
            json.WriteString("outcome"u8, entry.Outcome);
            Optional(json, "key"u8, entry.KeyId);
            Optional(json, "request_id"u8, entry.RequestId);
            Optional(json, "reply_to"u8, entry.ReplyTo);
            Optional(json, "detail"u8, entry.Detail);
            json.WriteEndObject();
        }

        _buffer.Write("\n"u8);
    }

    private static void Optional(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    /// <summary>A disk that was full, or a process that was killed, may have left the beginning of a line: the next one must not be lost with it.</summary>
    private bool EndsInsideALine()
    {
        Span<byte> last = stackalloc byte[1];
        return RandomAccess.GetLength(_file) is var length and > 0 && RandomAccess.Read(_file, last, length - 1) == 1 && last[0] != '\n';
    }

    /// <summary>Another process may have rotated the file away.</summary>
    private void Follow()
    {
        if (NativeFile.InodeOf(_path) != NativeFile.InodeOf(_file))
        {
            _file.Dispose();
            _file = NativeFile.OpenOwned(_path, append: true);
        }
    }

    /// <summary>Never waits, for commands do meanwhile; a file that could not be rotated is written on.</summary>
    private void TryRotate()
    {
        // The lock of the file that is full: whoever has it and finds the path still naming it is the one to rotate.
        if (!NativeFile.TryLock(_file))
        {
            return;
        }

        try
        {
            Rotate();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_rotationFailed)
            {
                CommandLog.AuditNotRotated(_logger, _path, e);
            }

            _rotationFailed = true;
        }
        finally
        {
            NativeFile.Unlock(_file);
        }

        Follow();
    }

    private void Rotate()
    {
        if (NativeFile.InodeOf(_path) == NativeFile.InodeOf(_file))
        {
            for (var i = KeptFiles - 1; i >= 1; i--)
            {
                if (File.Exists($"{_path}.{i}"))
                {
                    File.Move($"{_path}.{i}", $"{_path}.{i + 1}", overwrite: true);
                }
            }

            File.Move(_path, _path + ".1", overwrite: true);
            _rotationFailed = false;
        }
    }
}
