using Microsoft.Extensions.Logging;
using Omnisight.Transport.Files;

namespace Omnisight.Transport.JsonFile;

/// <summary>What killed writers left behind.</summary>
internal static partial class Leftovers
{
    private static readonly TimeSpan KeepDocuments = TimeSpan.FromSeconds(60);

    /// <summary>Removes the temporaries of a document. Its writer lock must be held: then nobody is writing one.</summary>
    public static void RemoveTemporaries(DocumentPaths paths, ILogger logger)
    {
        RemoveTemporaries(paths.Directory, paths.TemporaryPrefix, logger);
    }

    private static void RemoveTemporaries(string directory, string prefix, ILogger logger)
    {
        foreach (var file in Enumerate(directory, prefix + "*" + DocumentPaths.TemporaryExtension))
        {
            var path = new NativePath(file);
            if (FileStatus.TryAt(path, out var there) && there.Kind == FileKind.Regular && there.Uid == UnixFile.EffectiveUser && UnixFile.Unlink(path) == 0)
            {
                LogRemoved(logger, file);
            }
        }
    }

    /// <summary>Removes documents whose writer says who it was, is gone, and has been for so long that no reader serves them any more.</summary>
    public static void RemoveDocuments(string directory, string instance, ILogger logger)
    {
        foreach (var file in Enumerate(directory, $"{instance}_*{DocumentPaths.Extension}"))
        {
            var path = new NativePath(file);
            if (!FileStatus.TryAt(path, out var there) || there.Kind != FileKind.Regular || there.Uid != UnixFile.EffectiveUser || !DocumentFile.TryRead(path, out var document)
                || !Envelope.TryRead(document, out var envelope) || !envelope.IsSequenced || envelope.Writer.Pid == 0)
            {
                continue;
            }

            var old = envelope.ThisBoot && MonotonicClock.NowNs() - envelope.MonoNs > KeepDocuments.Ticks * 100 && !envelope.Writer.MayBeAlive;
            // Between looking and removing its place may have been taken by a living writer, who holds the lock then.
            using var taken = old || !envelope.ThisBoot ? OwnerLock.TryTake(Path.Combine(directory, $".{Path.GetFileName(file)}.lock"), file, out _) : null;
            if (taken is not null && FileStatus.TryAt(path, out var now) && now == there && UnixFile.Unlink(path) == 0)
            {
                RemoveTemporaries(directory, $".{Path.GetFileName(file)}.", logger);
                LogRemoved(logger, file);
            }
        }
    }

    private static IEnumerable<string> Enumerate(string directory, string pattern) =>
        Directory.Exists(directory) ? Directory.EnumerateFiles(directory, pattern, new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = true }) : [];

    [LoggerMessage(Level = LogLevel.Information, Message = "removed {Path}: its writer is gone")]
    private static partial void LogRemoved(ILogger logger, string path);
}
