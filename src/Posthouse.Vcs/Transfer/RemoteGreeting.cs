using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Posthouse.Vcs.Transfer;

/// <summary>
/// The first words of a conversation with a remote. A port that is open proves little: a hotel's gateway or a server that hangs takes
/// connections too, and never says a word.
/// </summary>
internal static class RemoteGreeting
{
    /// <summary>Says what a client of this kind says first, and waits for the first byte of whatever is answered.</summary>
    /// <param name="stream">The connection, which nothing was said on yet.</param>
    /// <param name="place">Where it leads.</param>
    /// <param name="address">The remote's address.</param>
    /// <param name="cancellationToken">Ends the wait, which lasts for ever where nothing is said.</param>
    /// <returns>Online: somebody speaks. Unknown: the other side hung up, which Git explains better.</returns>
    public static async Task<Reachability> ExchangeAsync(NetworkStream stream, RemotePlace place, string address, CancellationToken cancellationToken)
    {
        try
        {
            await using var secured = place.IsTls ? new SslStream(stream) : null;
            if (secured is not null) { await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = place.Host }, cancellationToken); }
            var conversation = (Stream?)secured ?? stream;
            await conversation.WriteAsync(Encoding.UTF8.GetBytes(Words(place, address)), cancellationToken);
            return await conversation.ReadAsync(new byte[1], cancellationToken) > 0 ? Reachability.Online : Reachability.Unknown;
        }
        catch (AuthenticationException)
        {
            return Reachability.Online; // It spoke; whether its certificate is one to trust is for Git to say.
        }
        catch (IOException)
        {
            return Reachability.Unknown;
        }
    }

    /// <summary>An HTTP client asks (for nothing but the head of an answer), one of Git's own protocol too; an ssh server speaks first (RFC 4253, section 4.2).</summary>
    private static string Words(RemotePlace place, string address)
    {
        if (place.Kind is not (PlaceKind.Http or PlaceKind.Git) || !Uri.TryCreate(address, UriKind.Absolute, out var uri)) { return ""; }

        if (place.Kind is PlaceKind.Http) { return $"HEAD {uri.AbsolutePath} HTTP/1.1\r\nHost: {uri.Authority}\r\nUser-Agent: posthouse\r\nConnection: close\r\n\r\n"; }

        var request = $"git-upload-pack {Uri.UnescapeDataString(uri.AbsolutePath)}\0host={uri.Authority}\0";
        return string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(request) + 4:x4}{request}");
    }
}
