using Omnisight.Transport.Files;

namespace Omnisight.Transport.JsonFile;

/// <summary>Where a channel's document, its temporaries and its lock are.</summary>
internal sealed class DocumentPaths
{
    public const string Extension = ".json";
    public const string TemporaryExtension = ".tmp";

    public DocumentPaths(string directory, string instance, ChannelSpec channel)
    {
        Directory = directory;
        FileName = $"{instance}_{channel.ResourceName}{Extension}";
        Document = new NativePath(Path.Combine(directory, FileName));
        Lock = Path.Combine(directory, $".{FileName}.lock");
        What = $"channel '{channel.Name}'";
    }

    public string Directory { get; }

    public string FileName { get; }

    public NativePath Document { get; }

    public string Lock { get; }

    /// <summary>"channel 'stats'", for messages.</summary>
    public string What { get; }

    /// <summary>What every temporary of this document begins with.</summary>
    public string TemporaryPrefix => $".{FileName}.";

    /// <summary>A temporary that no other writer can meet: random for each writer.</summary>
    public NativePath NewTemporary() =>
        new(Path.Combine(Directory, $"{TemporaryPrefix}{System.Security.Cryptography.RandomNumberGenerator.GetHexString(16, lowercase: true)}{TemporaryExtension}"));
}
