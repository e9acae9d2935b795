using System.Text.Json;

namespace Omnisight.Kernel.Configuration;

/// <summary>Writes what CONFIG_UPDATE persisted: the old file or the new one is there, never a part of it.</summary>
internal static class LocalFileWriter
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private const string TemporaryExtension = ".tmp";

    /// <summary>No write takes longer: what is older was left by a process that was killed while it wrote.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromMinutes(1);

    public static void Write(string path, IEnumerable<ConfigEntry> entries)
    {
        RemoveTemporaries(path);
        var temporary = $"{path}.{Guid.NewGuid():n}{TemporaryExtension}";
        try
        {
            using (var stream = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Mode }))
            {
                using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
                writer.WriteStartObject();
                writer.WritePropertyName("Omnisight");
                ConfigDocument.WriteNested(writer, entries, e => e.Value.WriteTo(writer));
                writer.WriteEndObject();
                writer.Flush();
                stream.WriteByte((byte)'\n');
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void RemoveTemporaries(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        foreach (var file in Directory.EnumerateFiles(folder, $"{Path.GetFileName(path)}.*{TemporaryExtension}"))
        {
            // Only names as they are given above: a user's own copy stays.
            if (!Guid.TryParseExact(Path.GetExtension(Path.GetFileNameWithoutExtension(file)).TrimStart('.'), "n", out _))
            {
                continue;
            }

            try
            {
                if (TimeProvider.System.GetUtcNow() - File.GetLastWriteTimeUtc(file) > Abandoned)
                {
                    File.Delete(file);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another user's, maybe; it is in nobody's way.
            }
        }
    }
}
