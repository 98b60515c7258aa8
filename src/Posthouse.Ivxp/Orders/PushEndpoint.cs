using System.Net;
using System.Net.Sockets;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Ivxp.Orders;

/// <summary>Which endpoints of clients are used. A bad one never harms a paid order: it is left out, and the client collects.</summary>
internal static class PushEndpoint
{
    /// <summary>The endpoint if it may be pushed to, as far as its text tells; names are judged again when they are dialled.</summary>
    public static string? Usable(string? given, bool allowPrivate)
    {
        if (given is null or { Length: > IvxpProtocol.Limits.UrlLength } || !Uri.TryCreate(given, UriKind.Absolute, out var uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps) || uri.UserInfo.Length > 0 || uri.Host.Length == 0)
            return null;
        return allowPrivate || !IPAddress.TryParse(uri.IdnHost.Trim('[', ']'), out var address) || IsPublic(address) ? given : null;
    }

    /// <summary>Dials the host of an endpoint, only at addresses that are public. The name is looked up once: what was judged is what is dialled.</summary>
    public static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var found = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        var allowed = found.Where(IsPublic).ToArray();
        if (allowed.Length == 0)
            throw new PosthouseException(IvxpErrors.InvalidRequest, $"{context.DnsEndPoint.Host} has no public address.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Whether an address is one of the public net: not of the IANA registries of special-purpose addresses (RFC 6890).</summary>
    public static bool IsPublic(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var nets = plain.AddressFamily == AddressFamily.InterNetwork ? _special4 : _special6;
        return !nets.Any(net => net.Contains(plain)) && (plain.AddressFamily == AddressFamily.InterNetwork || _global6.Contains(plain));
    }

    private static readonly IPNetwork _global6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] _special4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    // Tunnels (Teredo, 6to4) stand here too, for they can carry a private address of version 4.
    private static readonly IPNetwork[] _special6 =
        [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];
}
