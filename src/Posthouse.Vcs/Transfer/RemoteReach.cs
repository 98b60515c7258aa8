using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Projects;

namespace Posthouse.Vcs.Transfer;

/// <summary>
/// Whether the project's own remote can be reached. A hint that spares waiting, no more: it asks nobody else's server, and where it
/// cannot tell, the operation is simply tried.
/// </summary>
internal sealed class RemoteReach(IGit git, Project project, TimeProvider time)
{
    /// <summary>What is wrong with a remote that takes connections and says nothing.</summary>
    public static readonly RemoteFailure Silent = new(FailureCategory.Network, "The remote did not answer in time");

    /// <summary>Whether a remote lets everybody wait. What is found to be away sooner was refused, by the far side or by this machine:
    /// whoever asks it hears that at once, and better.</summary>
    /// <param name="remote">The remote.</param>
    /// <param name="within">What gives no answer for so long is silent.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<bool> IsSilentAsync(IVcsRemote remote, TimeSpan within, TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        return await remote.ProbeAsync(within, cancellationToken) is Reachability.Offline && time.GetElapsedTime(began) >= within / 2;
    }

    /// <summary>Looks once.</summary>
    /// <param name="within">What gives no answer for so long is offline.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Reachability> ProbeAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(within, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // A name that no server resolves is asked for by the system for 10 s and more, and nothing can end that.
            return await ProbeAddressAsync(ends.Token).WaitAsync(ends.Token);
        }
        catch (SocketException)
        {
            return Reachability.Offline;
        }
        catch (IOException)
        {
            return Reachability.Offline; // A proxy that hangs up.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Reachability.Offline;
        }
    }

    private async Task<Reachability> ProbeAddressAsync(CancellationToken cancellationToken)
    {
        if (RemotePlace.Of(project.PushUrl, project.Root) is not { } place)
            return Reachability.Unknown;
        switch (place.Kind)
        {
            case PlaceKind.Folder:
                // One that never worked may be a slip of the pen, which Git tells better.
                return place.IsThere ? Reachability.Online : await PathRemoteGit.WasFetchedAsync(git, project, cancellationToken) ? Reachability.Offline : Reachability.Unknown;
            case PlaceKind.Http:
                return await ProxyAsync(place, cancellationToken) is { } proxy ? await ThroughAsync(proxy, place, cancellationToken) : await DirectAsync(place, place.Host, place.Port, cancellationToken);
            case PlaceKind.Ssh:
                return await SshPlace.ResolveAsync(project.Root, place, cancellationToken) is var (host, port) ? await DirectAsync(place, host, port, cancellationToken) : Reachability.Unknown;
            default:
                return await DirectAsync(place, place.Host, place.Port, cancellationToken);
        }
    }

    private async Task<Reachability> DirectAsync(RemotePlace place, string host, int port, CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(host, port, cancellationToken);
        return await RemoteGreeting.ExchangeAsync(socket.GetStream(), place, project.PushUrl, cancellationToken);
    }

    /// <summary>Asks an HTTP proxy for a tunnel. Only a proxy that says that it cannot get through means "offline"; one that forbids
    /// tunnels to this port, or wants a name first, tells nothing.</summary>
    private static async Task<Reachability> ThroughAsync(Uri proxy, RemotePlace place, CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(proxy.Host, proxy.Port, cancellationToken);
        if (proxy.Scheme != Uri.UriSchemeHttp)
            return Reachability.Unknown; // Reached; what it reaches itself is for the operation to find out.
        var stream = socket.GetStream();
        var target = string.Create(CultureInfo.InvariantCulture, $"{place.Host}:{place.Port}");
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n"), cancellationToken);
        var answer = new byte["HTTP/1.1 200".Length];
        await stream.ReadExactlyAsync(answer, cancellationToken);
        return Encoding.ASCII.GetString(answer)[^3..] switch
        {
            "200" => Reachability.Online,
            "502" or "503" or "504" => Reachability.Offline,
            _ => Reachability.Unknown,
        };
    }

    /// <summary>The proxy that Git would use, or null: its own setting first, then the variables that curl knows.</summary>
    private async Task<Uri?> ProxyAsync(RemotePlace place, CancellationToken cancellationToken)
    {
        var own = await git.RunAsync(new GitCall(project.Root, "config", "--get", $"remote.{project.Remote}.proxy"), cancellationToken);
        var matched = own.ExitCode == 0 ? own : await git.RunAsync(new GitCall(project.Root, "config", "--get-urlmatch", "http.proxy", RemoteAddress.Shown(project.PushUrl)), cancellationToken);
        var text = matched.ExitCode == 0 ? matched.Text.Trim() : ProxyVariables.For(place, Environment.GetEnvironmentVariable);
        if (string.IsNullOrEmpty(text) || ProxyVariables.IsExempt(place.Host, Environment.GetEnvironmentVariable))
            return null;
        return Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text, UriKind.Absolute, out var proxy) ? proxy : null;
    }
}
