using System.Net;
using System.Net.Sockets;
using System.Text;
using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Ivxp;

/// <summary>The real server against bytes that no HTTP library would send, and against clients behind a proxy.</summary>
public sealed class HostileClientTests : IDisposable
{
    private static readonly TimeSpan _safetyNet = TimeSpan.FromSeconds(30);

    private readonly string _data = Directory.CreateTempSubdirectory("posthouse-hostile-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Trap_hostile_bodies_and_headers_are_refused_and_the_next_client_is_served()
    {
        using var server = PosthouseProcess.Start(["serve", "--dev", "--urls", "http://127.0.0.1:0", "--data", _data]);
        var url = new Uri((await server.LineAsync())["Serving ".Length..]);
        var post = "POST /ivxp/request HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
        (string Sent, string Answer)[] cases =
        [
            ("GET /ivxp/status/%00 HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
            (post + "Content-Length: 3000000\r\n\r\n{", "413"),
            (post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
            (post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}   ", "400"),
            (post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "400"),
            (post + "X: " + new string('a', 20_000) + "\r\n\r\n", "431"),
            (post + string.Concat(Enumerable.Range(0, 70).Select(i => $"X-{i}: 1\r\n")) + "\r\n", "431"),
            ("GET /" + new string('a', 5_000) + " HTTP/1.1\r\nHost: a\r\n\r\n", "414"),
            ("GET /ivxp/catalog HTTP/1.1\r\n\r\n", "400"),
        ];
        foreach (var (sent, expected) in cases)
            (await SayAsync(url, sent)).ShouldStartWith($"HTTP/1.1 {expected} ", customMessage: sent[..Math.Min(sent.Length, 120)]);

        (await SayAsync(url, "GET /ivxp/catalog HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).ShouldStartWith("HTTP/1.1 200 ");
    }

    [Fact]
    public async Task Clients_behind_a_proxy_of_this_machine_have_shares_of_their_own_and_see_its_scheme()
    {
        string[] limit = ["--set", "Ivxp:Limits:RequestsPerMinute=1"];
        using var server = PosthouseProcess.Start(["serve", "--dev", "--urls", "http://127.0.0.1:0", "--data", _data, .. limit]);
        var url = new Uri((await server.LineAsync())["Serving ".Length..]);
        string From(string client) => $"GET /ivxp/catalog HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.9.9.9, {client}\r\nConnection: close\r\n\r\n";

        (await SayAsync(url, From("203.0.113.1"))).ShouldStartWith("HTTP/1.1 200 ");
        (await SayAsync(url, From("203.0.113.1"))).ShouldStartWith("HTTP/1.1 429 ");
        (await SayAsync(url, From("203.0.113.2"))).ShouldStartWith("HTTP/1.1 200 ");
        // The last step alone is believed: what the client itself wrote before it gives no new share.
        (await SayAsync(url, From("203.0.113.2").Replace("10.9.9.9", "10.9.9.8", StringComparison.Ordinal))).ShouldStartWith("HTTP/1.1 429 ");
        // One customer, one network.
        (await SayAsync(url, From("2001:db8:1:2::1"))).ShouldStartWith("HTTP/1.1 200 ");
        (await SayAsync(url, From("2001:db8:1:2:ffff::2"))).ShouldStartWith("HTTP/1.1 429 ");
    }

    /// <summary>Sends bytes and reads the answer until the server has no more to say.</summary>
    private static async Task<string> SayAsync(Uri url, string bytes)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, url.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes));
        var answer = new byte[4096];
        var read = await stream.ReadAsync(answer).AsTask().WaitAsync(_safetyNet);
        return Encoding.Latin1.GetString(answer, 0, read);
    }
}
