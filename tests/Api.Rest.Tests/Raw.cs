using System.Net.Sockets;
using System.Text;

namespace Omnisight.Api.Rest.Tests;

/// <summary>HTTP by hand, for what a client library would correct.</summary>
internal static class Raw
{
    public static Task<string> Get(Uri server, string target, string headers = "") =>
        Send(server, $"GET {target} HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: close\r\n{headers}\r\n");

    public static async Task<string> Send(Uri server, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }
}
