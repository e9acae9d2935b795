using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Omnisight.Messages;

/// <summary>Which numbers a decoder accepts.</summary>
internal static class ValueCheck
{
    /// <summary>A box may reach out of the image, but not further than the image is large.</summary>
    public const float LeastOfBox = -1, MostOfBox = 2;

    /// <summary>All four numbers in their range. NaN compares false.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsBox(in Box box)
    {
        var v = Unsafe.ReadUnaligned<Vector128<float>>(in Unsafe.As<Box, byte>(ref Unsafe.AsRef(in box)));
        return Vector128.GreaterThanOrEqualAll(v, Vector128.Create(LeastOfBox)) && Vector128.LessThanOrEqualAll(v, Vector128.Create(MostOfBox));
    }
}
