namespace Omnisight.Messages;

/// <summary>A JSON object as UTF-8 text. Reusable; not thread-safe.</summary>
public sealed class JsonText
{
    private byte[] _bytes = [];
    private int _length;

    /// <summary>The text; valid until the next <see cref="Set"/>. Empty before the first.</summary>
    public ReadOnlyMemory<byte> Utf8 => _bytes.AsMemory(0, _length);

    /// <summary>Copies a text.</summary>
    public void Set(ReadOnlySpan<byte> utf8)
    {
        if (_bytes.Length < utf8.Length)
        {
            _bytes = GC.AllocateUninitializedArray<byte>(utf8.Length);
        }

        utf8.CopyTo(_bytes);
        _length = utf8.Length;
    }
}
