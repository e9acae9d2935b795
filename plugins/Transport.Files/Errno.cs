using System.Runtime.InteropServices;

namespace Omnisight.Transport.Files;

/// <summary>The error numbers that decide something here (Linux, all architectures).</summary>
internal static class Errno
{
    public const int NoEntry = 2, Interrupted = 4, NoDevice = 6, Again = 11, NoMemory = 12, NoAccess = 13, Exists = 17, NotDirectory = 20, Invalid = 22, TooManyFilesInAll = 23, TooManyFiles = 24, NoSpace = 28, ReadOnly = 30, BrokenPipe = 32,
        TooManyLinks = 40, QuotaExceeded = 122, NotPermitted = 1;

    /// <summary>The last call's error; ask before anything else is called.</summary>
    public static int Last => Marshal.GetLastPInvokeError();

    /// <summary>"ENOSPC (No space left on device)".</summary>
    public static string Describe(int errno)
    {
        var name = errno switch
        {
            NotPermitted => "EPERM",
            NoEntry => "ENOENT",
            NoDevice => "ENXIO",
            NoMemory => "ENOMEM",
            TooManyFilesInAll => "ENFILE",
            TooManyFiles => "EMFILE",
            NoAccess => "EACCES",
            Exists => "EEXIST",
            NoSpace => "ENOSPC",
            ReadOnly => "EROFS",
            TooManyLinks => "ELOOP",
            QuotaExceeded => "EDQUOT",
            _ => $"errno {errno}",
        };
        return $"{name} ({Marshal.GetPInvokeErrorMessage(errno)})";
    }

    /// <summary>Of what this process or the system has too little: it says nothing about the file that could not be opened.</summary>
    public static bool IsShortage(int errno) => errno is TooManyFiles or TooManyFilesInAll or NoMemory;

    /// <summary>The error of a transport that an errno stands for.</summary>
    public static TransportError ToTransportError(int errno) => errno switch
    {
        NoAccess or NotPermitted or ReadOnly => TransportError.Permission,
        NoSpace or QuotaExceeded => TransportError.NoSpace,
        TooManyLinks => TransportError.Unsafe,
        _ => TransportError.NotSupported,
    };
}
