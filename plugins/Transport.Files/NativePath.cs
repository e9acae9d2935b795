using System.Text;

namespace Omnisight.Transport.Files;

/// <summary>A path with its bytes for system calls, made once.</summary>
internal sealed class NativePath
{
    public NativePath(string path)
    {
        Text = path;
        Bytes = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, Bytes);
    }

    public string Text { get; }

    /// <summary>UTF-8 with the final NUL.</summary>
    public byte[] Bytes { get; }

    public override string ToString() => Text;
}
