using Posthouse.Mesh.Wire;

namespace Posthouse.Mesh.Hosting;

/// <summary>Where a node takes connections: <c>ws://host:port/mesh/gossip</c>, or <c>wss</c> behind TLS.</summary>
internal static class PeerAddress
{
    /// <summary>The address that people mean by <c>host:port</c>, <c>http://host:port</c> or the whole.</summary>
    /// <exception cref="PosthouseException"><see cref="ErrorCodes.OptionsInvalid"/>: it is none.</exception>
    public static string Of(string written)
    {
        var text = written.Contains("://", StringComparison.Ordinal) ? written : "ws://" + written;
        if (HasPort(written) && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && uri.Scheme is "ws" or "wss" or "http" or "https")
        {
            var path = uri.AbsolutePath == "/" ? MeshProtocol.GossipPath : uri.AbsolutePath;
            var address = $"{(uri.Scheme is "wss" or "https" ? "wss" : "ws")}://{uri.Authority}{path}";
            if (IsOne(address))
                return address;
        }

        throw new PosthouseException(ErrorCodes.OptionsInvalid, $"'{written}' is no address of a node: write host:port, or ws://host:port{MeshProtocol.GossipPath}.");
    }

    /// <summary>A scheme has a usual port; without one the port has to be named.</summary>
    private static bool HasPort(string written)
    {
        var host = written.Split('/')[0];
        return written.Contains("://", StringComparison.Ordinal) || host.LastIndexOf(':') is var colon && colon > host.LastIndexOf(']') && colon < host.Length - 1;
    }

    /// <summary>Whether an address can be a node's: what strangers tell must not make this node knock at other doors.</summary>
    public static bool IsOne(string address) =>
        address.Length <= MeshProtocol.AddressChars && Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "ws" or "wss"
        && uri.AbsolutePath == MeshProtocol.GossipPath && uri.Query.Length == 0 && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0;
}
