namespace Omnisight.Messages;

/// <summary>One image. Reusable; not thread-safe. To avoid its copy, fill or read the image where it lies: <see cref="VideoHeader"/>.</summary>
public sealed class VideoFrame
{
    private byte[] _data = [];

    /// <summary>What stands before the data; the decoder and <see cref="Resize"/> keep its DataBytes.</summary>
    public VideoHeader Header;

    /// <summary>The image's bytes; valid until the next <see cref="Resize"/> or decoding.</summary>
    public Span<byte> Data => _data.AsSpan(0, (int)Header.DataBytes);

    /// <summary>Makes room for so many bytes of data and returns it; its content is undefined.</summary>
    public Span<byte> Resize(int dataBytes)
    {
        if (_data.Length < dataBytes)
        {
            _data = GC.AllocateUninitializedArray<byte>(dataBytes);
        }

        Header.DataBytes = (uint)dataBytes;
        return Data;
    }
}
