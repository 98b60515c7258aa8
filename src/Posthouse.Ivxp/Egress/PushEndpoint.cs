using System.Net;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Ivxp.Egress;

/// <summary>
/// Which endpoints of clients are pushed to, as far as their text tells; <see cref="EgressGuard"/> judges names again when
/// they are dialled. A bad endpoint never harms a paid order: it is kept to be seen, and the client collects.
/// </summary>
internal static class PushEndpoint
{
    /// <summary>What is stored of an endpoint that a client gave: the text itself, or null for none and for one of absurd length.</summary>
    public static string? Kept(string? given) => given is { Length: > 0 and <= IvxpProtocol.Limits.UrlLength } ? given : null;

    /// <summary>The address to post to, or null if the rules of this provider do not allow it.</summary>
    /// <param name="endpoint">The stored text.</param>
    /// <param name="push">The rules.</param>
    public static Uri? Allowed(string? endpoint, PushOptions push)
    {
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            return null;
        // A name and password before the host hide where an address leads, and would be sent to strangers.
        var isWeb = uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && !push.HttpsOnly);
        if (!isWeb || uri.UserInfo.Length > 0 || (push.Ports.Count > 0 && !push.Ports.Contains(uri.Port)))
            return null;
        return push.AllowPrivateEndpoints || !IPAddress.TryParse(uri.IdnHost.Trim('[', ']'), out var literal) || PublicAddress.Is(literal) ? uri : null;
    }

    /// <summary>Host and port, the name under which pushes share a budget; empty for a text that is no address.</summary>
    public static string Authority(string? endpoint) => Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) ? uri.Authority : "";
}
