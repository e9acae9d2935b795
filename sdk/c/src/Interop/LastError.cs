using System.Text;

namespace Omnisight.Sdk;

/// <summary>The last failure of the calling thread, as omnisight_last_error() gives it.</summary>
internal static unsafe class LastError
{
    private const int Capacity = 1024;

    /// <summary>Pinned, so that C may hold its address until the thread's next failure; collected with the thread.</summary>
    [ThreadStatic]
    private static byte[]? _text;

    [ThreadStatic]
    private static ErrorCode _code;

    public static ErrorCode Code => _code;

    public static byte* Text => _text is { } text ? (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref text[0]) : null;

    /// <summary>Keeps a failure and returns its code.</summary>
    public static int Set(ErrorCode code, string message)
    {
        _code = code;
        var text = _text ??= GC.AllocateArray<byte>(Capacity, pinned: true);
        _ = Encoding.UTF8.TryGetBytes(message.Length < Capacity / 3 ? message : message[..(Capacity / 3)], text.AsSpan(0, Capacity - 1), out var written);
        text[written] = 0;
        return (int)code;
    }

    /// <summary>Keeps an exception: none crosses into C.</summary>
    public static int Set(Exception e) => e switch
    {
        TransportException t => Set(
            t.Error switch
            {
                TransportError.InUse => ErrorCode.InUse,
                TransportError.Unsafe => ErrorCode.Unsafe,
                TransportError.NoSpace => ErrorCode.NoSpace,
                TransportError.Permission => ErrorCode.Permission,
                _ => ErrorCode.NotSupported,
            },
            t.Message),
        BadArgumentException b => Set(b.Code, b.Message),
        UnauthorizedAccessException u => Set(ErrorCode.Permission, u.Message),
        IOException io => Set(ErrorCode.Internal, io.Message),
        _ => Set(ErrorCode.Internal, $"{e.GetType().Name}: {e.Message}"),
    };
}
