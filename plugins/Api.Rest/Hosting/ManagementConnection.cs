namespace Omnisight.Api.Rest.Hosting;

/// <summary>Marks connections that came in through a management address.</summary>
internal sealed class ManagementConnection
{
    public static readonly ManagementConnection Instance = new();

    private ManagementConnection()
    {
    }
}
