using System.Net;

namespace Posthouse.Connectivity;

/// <summary>The handlers that dial: they follow nothing, keep nothing and ask nobody else.</summary>
public static class GuardedHandlers
{
    /// <summary>Time for name, connection and TLS handshake together. Well under a request's own limit, so that a far side that
    /// is not there is seen as not reached.</summary>
    public static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection is used, so that a name which moved is looked up again.</summary>
    public static readonly TimeSpan PooledConnectionLifetime = TimeSpan.FromMinutes(2);

    /// <summary>Most bytes of an answer's header in KiB: four times what proxies commonly take.</summary>
    public const int MaxResponseHeaderKilobytes = 32;

    /// <summary>
    /// A handler that follows no redirect, uses no proxy, no cookies and no credentials of the machine, and does not
    /// decompress: a redirect or an inflated body would pass the limits that were set for the request.
    /// </summary>
    /// <param name="connectTimeout">Time for connecting; null for <see cref="DefaultConnectTimeout"/>.</param>
    /// <param name="connect">Opens the connection: the place to decide which addresses may be dialled, after the name was
    /// looked up and with no second look-up behind it. Null dials whatever the name says.</param>
    public static SocketsHttpHandler Create(
        TimeSpan? connectTimeout = null,
        Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect = null) => new()
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PreAuthenticate = false,
            AutomaticDecompression = DecompressionMethods.None,
            PooledConnectionLifetime = PooledConnectionLifetime,
            ConnectTimeout = connectTimeout ?? DefaultConnectTimeout,
            MaxResponseHeadersLength = MaxResponseHeaderKilobytes,
            ConnectCallback = connect,
        };
}
