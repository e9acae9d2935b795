namespace Omnisight.Sdk;

/// <summary>The caller's mistake, found inside of a call.</summary>
internal sealed class BadArgumentException(ErrorCode code, string message) : Exception(message)
{
    public BadArgumentException(string message)
        : this(ErrorCode.BadArgument, message)
    {
    }

    public ErrorCode Code => code;
}
