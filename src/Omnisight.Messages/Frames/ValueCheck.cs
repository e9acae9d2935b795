using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Omnisight.Messages;

/// <summary>Which numbers a decoder accepts.</summary>
internal static class ValueCheck
{
    /// <summary>All four numbers in [-1, 2]: a box may reach out of the image, but not further than the image is large. NaN compares false.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsBox(in Box box)
    {
        var v = Unsafe.ReadUnaligned<Vector128<float>>(in Unsafe.As<Box, byte>(ref Unsafe.AsRef(in box)));
        return Vector128.GreaterThanOrEqualAll(v, Vector128.Create(-1f)) && Vector128.LessThanOrEqualAll(v, Vector128.Create(2f));
    }
}
