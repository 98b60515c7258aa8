using System.Net;
using System.Net.Sockets;

namespace Posthouse.Cli.Hosting;

/// <summary>A look at whether somebody listens where a server is to listen, before anything is made for it. The server's own bind stays the judge.</summary>
internal static class ListenProbe
{
    /// <summary>Finds the first address that another program has.</summary>
    /// <returns>Why it is taken, in words; null: none is seen to be.</returns>
    public static string? Taken(IEnumerable<string> urls) => urls.Select(Taken).FirstOrDefault(why => why is not null);

    private static string? Taken(string url)
    {
        if (!Uri.TryCreate(url.Replace("//*", "//0.0.0.0", StringComparison.Ordinal).Replace("//+", "//0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var uri)
            || uri.Port is 0 or -1 || Address(uri) is not { } address)
        {
            return null;
        }

        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, uri.Port));
            return null;
        }
        catch (SocketException failure) when (failure.SocketErrorCode is SocketError.AddressAlreadyInUse)
        {
            return $"{url}: address already in use";
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>The address to try; a name is the server's own matter.</summary>
    private static IPAddress? Address(Uri uri) =>
        uri.Host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) ? address : null;
}
