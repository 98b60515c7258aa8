using System.Net;
using System.Net.Sockets;
using System.Text;
using Posthouse.Vcs.Transfer;

namespace Posthouse.SystemTests.Vcs.Transfer;

public sealed class ReachTests
{
    private static readonly TimeSpan _within = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_folder_is_online_while_it_exists_and_offline_only_where_it_did_before()
    {
        using var shop = await Workshop.OpenAsync();
        var mine = await shop.CloneAsync("ana");
        (await mine.Remote().ProbeAsync(_within, default)).ShouldBe(Reachability.Online);
        Directory.Move(shop.Bare, shop.Bare + " away");
        (await mine.Remote().ProbeAsync(_within, default)).ShouldBe(Reachability.Unknown);
        Directory.Move(shop.Bare + " away", shop.Bare);
        await mine.PublishAsync(("mix.txt", "one"));
        Directory.Move(shop.Bare, shop.Bare + " away");
        (await mine.Remote().ProbeAsync(_within, default)).ShouldBe(Reachability.Offline);
        Directory.CreateDirectory(shop.Bare); // Where a disk is mounted at other times.
        (await mine.Remote().ProbeAsync(_within, default)).ShouldBe(Reachability.Offline);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/r.git")]
    [InlineData("https://127.0.0.1:{0}/r.git")]
    [InlineData("git://127.0.0.1:{0}/r.git")]
    [InlineData("ssh://git@127.0.0.1:{0}/r.git")]
    public async Task A_server_is_online_while_it_speaks_and_not_while_it_only_takes_connections(string address)
    {
        using var shop = await Workshop.OpenAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var mine = await shop.CloneAsync("ana", string.Format(null, address, ((IPEndPoint)listener.LocalEndpoint).Port));
        var isSilent = await mine.Remote().ProbeAsync(TimeSpan.FromMilliseconds(300), default);
        using (await listener.AcceptTcpClientAsync()) { }
        var speaking = SpeakAsync(listener);
        var isThere = await mine.Remote().ProbeAsync(_within, default);
        listener.Stop();
        await speaking;
        var isAway = await mine.Remote().ProbeAsync(_within, default);
        if (address.StartsWith("ssh", StringComparison.Ordinal) && !File.Exists("/usr/bin/ssh"))
            (isSilent, isThere, isAway).ShouldBe((Reachability.Unknown, Reachability.Unknown, Reachability.Unknown)); // Without ssh nobody can tell.
        else
            (isSilent, isThere, isAway).ShouldBe((Reachability.Offline, Reachability.Online, Reachability.Offline));
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/r.git")]
    [InlineData("https://127.0.0.1:{0}/r.git")]
    public async Task One_that_hangs_up_is_left_for_git_to_explain(string address)
    {
        using var shop = await Workshop.OpenAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var mine = await shop.CloneAsync("ana", string.Format(null, address, ((IPEndPoint)listener.LocalEndpoint).Port));
        var probing = mine.Remote().ProbeAsync(_within, default);
        using (await listener.AcceptTcpClientAsync()) { }
        (await probing).ShouldBe(Reachability.Unknown);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 Connection established", (int)Reachability.Online)]
    [InlineData("HTTP/1.1 502 Bad Gateway", (int)Reachability.Offline)]
    [InlineData("HTTP/1.1 407 Proxy Authentication Required", (int)Reachability.Unknown)]
    [InlineData("", (int)Reachability.Offline)]
    public async Task A_proxy_is_asked_and_nobody_else(string answer, int expected)
    {
        using var shop = await Workshop.OpenAsync();
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        var mine = await shop.CloneAsync("ana", "https://git.example.invalid/r.git");
        await mine.GitAsync("config", "http.proxy", $"127.0.0.1:{((IPEndPoint)proxy.LocalEndpoint).Port}");
        var serving = ServeAsync(proxy, answer);
        (await mine.Remote().ProbeAsync(_within, default)).ShouldBe((Reachability)expected);
        (await serving).ShouldStartWith("CONNECT git.example.invalid:443 HTTP/1.1\r\n");
    }

    [Fact]
    public async Task What_only_a_helper_of_git_understands_is_unknown()
    {
        using var shop = await Workshop.OpenAsync();
        (await (await shop.CloneAsync("ana", "helper::somewhere")).Remote().ProbeAsync(_within, default)).ShouldBe(Reachability.Unknown);
    }

    /// <summary>Says something to the next caller that none of the protocols knows.</summary>
    private static async Task SpeakAsync(TcpListener listener)
    {
        try
        {
            using var client = await listener.AcceptTcpClientAsync();
            await client.GetStream().WriteAsync("What do you want?\r\n"u8.ToArray());
            await client.GetStream().ReadAtLeastAsync(new byte[1024], 1, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            // Nobody called, or it went away after the first word.
        }
    }

    private static async Task<string> ServeAsync(TcpListener proxy, string answer)
    {
        using var client = await proxy.AcceptTcpClientAsync();
        var request = new byte[1024];
        var read = await client.GetStream().ReadAsync(request);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer.Length == 0 ? "" : answer + "\r\n\r\n"));
        return Encoding.ASCII.GetString(request, 0, read);
    }
}
