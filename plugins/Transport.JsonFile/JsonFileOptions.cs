using System.ComponentModel.DataAnnotations;

namespace Omnisight.Transport.JsonFile;

/// <summary>Options of the JSON file transport.</summary>
public sealed class JsonFileOptions
{
    /// <summary>The largest document that is written or read, in bytes.</summary>
    [Range(4096, 256 * 1024 * 1024)]
    public int MaxDocumentBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Be told of changes by the kernel (inotify); without it, a waiting reader looks twice a second.</summary>
    [RestartRequired]
    public bool Notify { get; set; } = true;

    /// <summary>Users, besides this one, root and the owner of the runtime directory, whose documents are believed.</summary>
    [RestartRequired]
    public int[] TrustedUids { get; set; } = [];
}
