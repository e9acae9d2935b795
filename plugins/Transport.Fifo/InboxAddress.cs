using System.Globalization;
using System.Security.Cryptography;
using Omnisight.Transport.Files;

namespace Omnisight.Transport.Fifo;

/// <summary>The name of an inbox: <c>pid-ticks-random</c>.</summary>
internal static class InboxAddress
{
    private const int MaxLength = 64;

    public static string New()
    {
        var self = ProcessIdentity.Self;
        return string.Create(CultureInfo.InvariantCulture, $"{self.Pid}-{self.StartTicks}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
    }

    /// <summary>True for <c>[A-Za-z0-9._-]{1,64}</c> that does not begin with a dot, as commands name it in reply_to: nothing that could lead out of the directory.</summary>
    public static bool IsValid(string? address)
    {
        if (address is null || address.Length is 0 or > MaxLength || address[0] == '.')
        {
            return false;
        }

        foreach (var c in address)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
            {
                return false;
            }
        }

        return true;
    }
}
