using System.Net;
using System.Net.Sockets;
using Posthouse.Connectivity;

namespace Posthouse.Ivxp.Egress;

/// <summary>
/// The only way to an address that a stranger chose. It decides on the addresses that are dialled and on nothing before them:
/// the name is looked up once, every answer is judged, and those very addresses are dialled. Redirects, proxies and cookies
/// are off in <see cref="GuardedHandlers"/>, whose limit of time covers look-up and connection together.
/// </summary>
/// <param name="resolve">Looks a name up; the machine's own resolver outside of tests.</param>
internal sealed class EgressGuard(Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    /// <summary>The code of the refusal, inside what the handler throws.</summary>
    public const string Refused = "EGRESS_REFUSED";

    /// <summary>Over the machine's resolver.</summary>
    public static EgressGuard OfMachine { get; } = new(Dns.GetHostAddressesAsync);

    /// <summary>Whether an exchange failed because the guard refused the address, now and whenever it is asked again.</summary>
    public static bool IsRefusal(Exception e) => e.InnerException is PosthouseException { Code: Refused };

    /// <summary>Connects, if every address of the name is public.</summary>
    /// <exception cref="PosthouseException"><see cref="Refused"/>: one of them is not.</exception>
    /// <exception cref="SocketException">The name has no address, or none of them answers.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        var found = await resolve(host, cancellationToken);
        if (found.Length == 0)
            throw new SocketException((int)SocketError.HostNotFound);
        // All, not one of them: a name with a public and a private answer was made to pass a check that looks at the first.
        if (!Array.TrueForAll(found, PublicAddress.Is))
            throw new PosthouseException(Refused, $"{host} has an address that is not of the public net. Only the operator can allow private endpoints.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(found, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
