namespace Omnisight.Transport.Files;

/// <summary>What a path leads to.</summary>
internal enum FileKind
{
    Regular,
    Fifo,
    Directory,
    SymbolicLink,
    Other,
}
