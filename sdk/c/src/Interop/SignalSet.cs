using System.Runtime.CompilerServices;

namespace Omnisight.Sdk;

/// <summary>sigset_t of Linux: 1,024 bits.</summary>
[InlineArray(16)]
internal struct SignalSet
{
    public const int Sigpipe = 13;

    private ulong _element0;

    public static SignalSet Of(int signal)
    {
        var set = default(SignalSet);
        set[(signal - 1) / 64] = 1UL << ((signal - 1) % 64);
        return set;
    }

    public readonly bool Has(int signal) => (this[(signal - 1) / 64] & (1UL << ((signal - 1) % 64))) != 0;
}
