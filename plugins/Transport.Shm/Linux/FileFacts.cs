namespace Omnisight.Transport.Shm;

/// <summary>What stat says of a file.</summary>
internal readonly record struct FileFacts(uint Mode, uint Owner, uint Links, long Bytes, ulong Inode, ulong Device)
{
    private const uint TypeMask = 0xF000, Regular = 0x8000, OthersMayWrite = 0x12; // 0022

    public bool IsRegular => (Mode & TypeMask) == Regular;

    public bool OthersCanWrite => (Mode & OthersMayWrite) != 0;

    public bool IsSameFile(in FileFacts other) => Inode == other.Inode && Device == other.Device;
}
