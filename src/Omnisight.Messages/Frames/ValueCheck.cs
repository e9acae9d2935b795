using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Omnisight.Messages;

/// <summary>Which numbers a decoder accepts.</summary>
internal static class ValueCheck
{
    /// <summary>A box may reach out of the image, but not further than the image is large.</summary>
    private const float Least = -1, Most = 2;

    /// <summary>All four numbers in their range. NaN compares false.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsBox(in Box box) => Inside(in box).AsInt32() == Vector128<int>.AllBitsSet;

    /// <summary>All bits of each of the four values that is within its bounds, none of one that is not or is no number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Inside(in Box box)
    {
        var v = Unsafe.ReadUnaligned<Vector128<float>>(in Unsafe.As<Box, byte>(ref Unsafe.AsRef(in box)));
        return Vector128.GreaterThanOrEqual(v, Vector128.Create(Least)) & Vector128.LessThanOrEqual(v, Vector128.Create(Most));
    }
}
