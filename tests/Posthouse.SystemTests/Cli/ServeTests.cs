using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;

namespace Posthouse.SystemTests.Cli;

/// <summary><c>posthouse serve</c> as an operator meets it.</summary>
public sealed class ServeTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("posthouse-serve-").FullName;

    private string ServeFile => Path.Combine(_data, "serve.json");

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task It_takes_a_free_port_says_where_it_is_and_ends_gracefully()
    {
        using var server = Serve();
        var url = await UrlAsync(server);

        using var client = new HttpClient();
        var health = JsonDocument.Parse(await client.GetStringAsync(url + "/health")).RootElement;
        health.GetProperty("status").GetString().ShouldBe("ok");
        var announced = JsonDocument.Parse(File.ReadAllText(ServeFile)).RootElement;
        (announced.GetProperty("url").GetString(), announced.GetProperty("pid").GetInt32()).ShouldBe((url, server.Id));

        // What a file is enough for pays for no database's library.
        if (OperatingSystem.IsLinux()) { File.ReadAllText($"/proc/{server.Id}/maps").ShouldNotContain("Npgsql"); }

        server.AskToEnd();
        (await server.ExitAsync()).ShouldBe(0);
        File.Exists(ServeFile).ShouldBeFalse();
        await Should.ThrowAsync<HttpRequestException>(() => client.GetStringAsync(url + "/health"));
    }

    [Fact]
    public async Task A_verb_sees_what_the_server_does_with_a_job()
    {
        using var server = Serve();
        await UrlAsync(server);
        await EnqueueAsync("mail-1");

        var (exit, output, error) = await PosthouseProcess.RunAsync("queue", "sync", "--data", _data);

        (exit, error).ShouldBe((8, ""));
        output.ShouldContain("Server is running at http://127.0.0.1:");
        var (_, status, _) = await PosthouseProcess.RunAsync("queue", "status", "--data", _data);
        status.ShouldContain("  Held: 1\n");
        status.ShouldContain("no process here knows this type of job");
    }

    [Fact]
    public async Task Development_says_what_it_sets()
    {
        using var server = Serve("--dev", "--set", "Ivxp:Network=base-mainnet");
        await UrlAsync(server);
        var lines = new List<string>();
        while (lines.Count < 19) { lines.Add(await server.LineAsync()); }

        lines[2].ShouldBe("  Sells:  text_echo 5 USDC, research 50 USDC, slow 1 USDC, broken 1 USDC");
        lines[3].ShouldMatch("^  Wallet: 0x[0-9a-fA-F]{40} on base-mainnet$");
        lines[4].ShouldMatch("^  Mesh:   posthouse as [0-9a-f-]{36}, providing prices; \\d+ price\\(s\\) known$");
        lines[5].ShouldMatch("^  Key:    [A-Za-z0-9+/=]+$");
        lines[6].ShouldBe($"  Token:  {Path.Combine(_data, "mesh", "operator.token")}");
        lines[7].ShouldMatch("^  Prices: http://127.0.0.1:[0-9]+/api/mesh/prices$");
        lines[9..18].ShouldBe(["    Ivxp:Network = base-mainnet (--set)", "    Ivxp:Push:AllowPrivateEndpoints = true",
            "    Ivxp:Limits:RequestsPerMinute = 10000000", "    Ivxp:Limits:UnknownOrdersPerMinute = 10000",
            "    Mesh:Enabled = true", "    Mesh:Trust = open", "    Mesh:Source:Use = replay", "    Mesh:Source:Speed = 30", "    Mesh:Provide = true"]);
        lines[18].ShouldMatch("^    Mesh:Address = 127.0.0.1:[0-9]+$");
    }

    [Fact]
    public async Task Who_shows_prices_for_ever_ends_with_its_reader()
    {
        using var server = Serve("--dev");
        await UrlAsync(server);
        using var shown = PosthouseProcess.StartUnder(["bash", "-c", "set -o pipefail; \"$@\" | head -n 1", "bash"], null, ["prices", "--watch", "BTC", "--data", _data]);

        var (exit, output, error) = await shown.EndAsync();

        (exit, error).ShouldBe((0, ""));
        output.ShouldContain("  BTC  ");
    }

    [Fact]
    public async Task A_folder_has_one_server()
    {
        using var server = Serve();
        var url = await UrlAsync(server);
        var (exit, _, error) = await PosthouseProcess.RunAsync("serve", "--urls", "http://127.0.0.1:0", "--data", _data);

        exit.ShouldBe(7);
        error.ShouldContain($"by process {server.Id} at {url}");
        File.Exists(ServeFile).ShouldBeTrue();
    }

    [Fact]
    public async Task A_busy_port_is_said_in_one_line_and_no_folder_is_made()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var url = "http://" + other.LocalEndpoint;
        var data = Path.Combine(_data, "new");
        var (exit, _, error) = await PosthouseProcess.RunAsync("serve", "--urls", url, "--data", data);

        exit.ShouldBe(1);
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldStartWith($"posthouse: The server cannot listen at {url} ");
        Directory.Exists(data).ShouldBeFalse();
    }

    [Fact]
    public async Task A_folder_that_cannot_be_used_is_said_in_one_line()
    {
        var file = Path.Combine(_data, "file");
        File.WriteAllText(file, "");
        var (exit, _, error) = await PosthouseProcess.RunAsync("serve", "--urls", "http://127.0.0.1:0", "--data", Path.Combine(file, "data"));

        exit.ShouldBe(1);
        error.ShouldStartWith("posthouse: The data folder ");
    }

    [Theory]
    [InlineData("--urls", "nowhere")]
    [InlineData("--urls", "https://127.0.0.1:0")]
    [InlineData("--set", "Queue:Concurency=3")]
    public async Task A_configuration_that_cannot_be_used_ends_with_2(string option, string value)
    {
        var (exit, _, error) = await PosthouseProcess.RunAsync("serve", "--data", _data, option, value);

        exit.ShouldBe(2);
        error.ShouldStartWith("posthouse: ");
        Directory.GetFileSystemEntries(_data).ShouldBeEmpty();
    }

    private PosthouseProcess Serve(params string[] more) => PosthouseProcess.Start(["serve", "--urls", "http://127.0.0.1:0", "--data", _data, .. more]);

    private static async Task<string> UrlAsync(PosthouseProcess server)
    {
        var line = await server.LineAsync();
        line.ShouldStartWith("Serving http://127.0.0.1:");
        line.ShouldNotEndWith(":0");
        return line["Serving ".Length..];
    }

    private async Task EnqueueAsync(string id)
    {
        await using var store = SqliteJobStore.Open(
            new SqliteStoreOptions { Path = Path.Combine(_data, "posthouse.db"), Time = TimeProvider.System, Ids = SystemIds.Instance }, new JobRegistry());
        await store.EnqueueAsync([new JobDraft(JobId.Parse(id), "mail.send", 1, Encoding.UTF8.GetBytes("{}"), [])]);
    }
}
