using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Mesh;
using Posthouse.Mesh.Hosting;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.AspNetCore.Mesh;

/// <summary>A node on a real server, as programs, pages and strangers meet it.</summary>
public sealed class MeshEndpointsTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.InMemory();
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    private MeshNode Node => _app.Services.GetRequiredService<MeshHost>().Node;

    private string Token => File.ReadAllText(Path.Combine(_folder.Path, OperatorToken.FileName)).Trim();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMesh(new MeshOptions
        {
            Folder = _folder.Path,
            Trust = TrustMode.Open,
            Source = new SourceOptions { Assets = ["BTC", "BONK@solana"], Speed = 0.001 },
            Provide = true,
            CorsOrigins = ["https://friend.example"],
        });
        _app = builder.Build();
        _app.MapMesh();
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        using var socket = await WatchAsync();
        while (Node.GetPriceData("BTC") is null) { await ReadAsync(socket); }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Prices_are_told_in_the_original_envelope()
    {
        var all = await JsonAsync("/api/mesh/prices");
        all.GetProperty("success").GetBoolean().ShouldBeTrue();
        all.GetProperty("data").EnumerateObject().Select(price => price.Name).Order().ShouldBe(["BONK@solana", "BTC"]);
        var one = (await JsonAsync("/api/mesh/prices/btc")).GetProperty("data");
        one.GetProperty("price").GetString().ShouldBe("68000.00");
        one.GetProperty("source_node_id").GetString().ShouldBe(Node.Id.ToString());
        (await JsonAsync("/api/mesh/prices?assets=BTC")).GetProperty("data").EnumerateObject().ShouldHaveSingleItem();
        (await JsonAsync("/api/mesh/prices/BONK@SOLANA")).GetProperty("data").GetProperty("blockchain").GetString().ShouldBe("solana");
        (await JsonAsync("/api/mesh/prices/BTC/history")).GetProperty("data").GetProperty("points").GetArrayLength().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task What_nobody_told_is_not_found() =>
        (await RefusedAsync("/api/mesh/prices/NOPE", HttpStatusCode.NotFound)).ShouldBe(("CACHE_MISS", "No price of NOPE is known here."));

    [Theory]
    [InlineData("/api/mesh/nothing")]
    [InlineData("/api/mesh/provider/enable")]
    public async Task A_route_that_is_none_is_said(string path) =>
        (await RefusedAsync(path, HttpStatusCode.NotFound)).ShouldBe(("NO_SUCH_ROUTE", $"There is no GET {path} here."));

    [Fact]
    public async Task A_reader_may_say_what_is_too_old_for_it_and_gets_it_all_the_same()
    {
        using var answer = await _http.GetAsync("/api/mesh/prices/BTC?max_age=0");
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            // It was read within this second.
            answer.Headers.Age.ShouldBe(TimeSpan.Zero);
            return;
        }

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Headers.RetryAfter.ShouldNotBeNull();
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").GetProperty("price").GetString().ShouldBe("68000.00");
        (await RefusedAsync("/api/mesh/prices?max_age=old", HttpStatusCode.BadRequest)).Code.ShouldBe("BAD_REQUEST");
    }

    [Fact]
    public async Task Status_providers_peers_events_and_counts_are_told()
    {
        var status = (await JsonAsync("/api/mesh/network/status")).GetProperty("data");
        status.GetProperty("active_providers").EnumerateArray().ShouldHaveSingleItem().GetProperty("node_id").GetString().ShouldBe(Node.Id.ToString());
        (status.GetProperty("node_id").GetString(), status.GetProperty("network").GetString(), status.GetProperty("epoch").GetUInt32() > 0).ShouldBe((Node.Id.ToString(), "posthouse", true));
        (status.GetProperty("state").GetString(), status.GetProperty("extended_offline").GetBoolean(), status.GetProperty("offline_duration_minutes").ValueKind).ShouldBe(("online", false, JsonValueKind.Null));
        (await JsonAsync("/api/mesh/providers")).GetProperty("data").EnumerateArray().ShouldHaveSingleItem().GetProperty("is_self").GetBoolean().ShouldBeTrue();
        (await JsonAsync("/api/mesh/peers")).GetProperty("data").GetArrayLength().ShouldBe(0);
        (await JsonAsync("/api/mesh/events")).GetProperty("data").EnumerateArray().ShouldContain(happened => happened.GetProperty("code").GetString() == "NodeStarted");
        (await RefusedAsync("/api/mesh/events?since=x", HttpStatusCode.BadRequest)).Code.ShouldBe("BAD_REQUEST");
        (await JsonAsync("/api/mesh/provider/status")).GetProperty("data").GetProperty("enabled").GetBoolean().ShouldBeTrue();
        var metrics = await _http.GetStringAsync("/api/mesh/metrics");
        metrics.ShouldContain("mesh_provider_fetch_success_total 1");
        metrics.ShouldContain("mesh_messages_refused_total{reason=\"SignatureInvalid\"} 0");
    }

    [Fact]
    public async Task Only_who_has_the_token_switches_the_provider()
    {
        (await PostAsync("disable", null)).ShouldBe((HttpStatusCode.Unauthorized, "OPERATOR_TOKEN_REQUIRED"));
        (await PostAsync("disable", Token + "x")).ShouldBe((HttpStatusCode.Unauthorized, "OPERATOR_TOKEN_REQUIRED"));
        Node.IsProvider.ShouldBeTrue();
        (await PostAsync("disable", Token)).ShouldBe((HttpStatusCode.OK, null));
        Node.IsProvider.ShouldBeFalse();
        (await PostAsync("enable", Token, "{\"api_key\": 7}")).ShouldBe((HttpStatusCode.BadRequest, "BAD_REQUEST"));
        (await PostAsync("enable", Token, "{\"api_key\": \"short\"}")).ShouldBe((HttpStatusCode.Unauthorized, "PROVIDER_API_KEY_INVALID"));
        (await PostAsync("enable", Token)).ShouldBe((HttpStatusCode.OK, null));
        Node.IsProvider.ShouldBeTrue();
    }

    [Theory]
    [InlineData("https://friend.example", HttpStatusCode.OK)]
    [InlineData("https://stranger.example", HttpStatusCode.Forbidden)]
    [InlineData(null, HttpStatusCode.OK)]
    public async Task Pages_of_strangers_read_nothing(string? origin, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/mesh/prices");
        if (origin is not null) { request.Headers.Add("Origin", origin); }
        using var answer = await _http.SendAsync(request);
        answer.StatusCode.ShouldBe(expected);
        answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed).ShouldBe(origin is not null && expected == HttpStatusCode.OK);
        allowed?.ShouldBe([origin!]);
    }

    [Theory]
    [InlineData("https://friend.example", HttpStatusCode.NoContent, HttpStatusCode.OK)]
    [InlineData("https://stranger.example", HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    public async Task A_named_page_may_change_something_with_the_token_and_no_other(string origin, HttpStatusCode preflight, HttpStatusCode expected)
    {
        using var asks = new HttpRequestMessage(HttpMethod.Options, "/api/mesh/provider/disable") { Headers = { { "Origin", origin }, { "Access-Control-Request-Method", "POST" } } };
        using var permission = await _http.SendAsync(asks);
        (permission.StatusCode, permission.Headers.Contains("Access-Control-Allow-Origin")).ShouldBe((preflight, preflight == HttpStatusCode.NoContent));
        (await PostAsync("disable", null, origin: origin)).Status.ShouldBe(expected == HttpStatusCode.OK ? HttpStatusCode.Unauthorized : expected);
        Node.IsProvider.ShouldBeTrue();
        (await PostAsync("disable", Token, origin: origin)).Status.ShouldBe(expected);
        Node.IsProvider.ShouldBe(expected != HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/ws")]
    [InlineData("/ws/dashboard")]
    public async Task A_watcher_gets_everything_at_first(string path)
    {
        using var socket = await WatchAsync(path);
        var initial = await ReadAsync(socket);
        initial.GetProperty("type").GetString().ShouldBe("PriceMeshInitial");
        initial.GetProperty("data").GetProperty("BTC").GetProperty("price").GetString().ShouldBe("68000.00");
        initial.GetProperty("status").GetProperty("state").GetString().ShouldBe("online");
        initial.GetProperty("seq").GetInt64().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_watcher_that_comes_back_gets_what_changed_meanwhile()
    {
        using var first = await WatchAsync();
        var number = (await ReadAsync(first)).GetProperty("seq").GetInt64();
        using var second = await WatchAsync($"/ws?since={number}");
        var initial = await ReadAsync(second);
        initial.GetProperty("since").GetInt64().ShouldBe(number);
        initial.GetProperty("data").EnumerateObject().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_watcher_says_what_it_wants_and_hears_of_an_outage()
    {
        using var socket = await WatchAsync();
        await ReadAsync(socket);
        // In parts, and in small letters.
        await socket.SendAsync("{\"type\":\"subscribe\","u8.ToArray(), WebSocketMessageType.Text, endOfMessage: false, default);
        await SendAsync(socket, "\"assets\":[\"btc\"],\"minIntervalMs\":0}");
        // What was on its way already names all of them still.
        while ((await ReadAsync(socket)).GetProperty("data").EnumerateObject().Select(price => price.Name).ToArray() is not ["BTC"]) { }
        await Node.DisableProviderAsync();
        var codes = new List<string?>();
        while (!codes.Contains("NO_PROVIDERS"))
        {
            var message = await ReadAsync(socket);
            if (message.GetProperty("type").GetString() == "MeshWarning") { codes.Add(message.GetProperty("data").GetProperty("code").GetString()); }
        }
    }

    [Theory]
    [InlineData("not json", WebSocketCloseStatus.InvalidPayloadData, "The message is no JSON.")]
    [InlineData("{\"type\":\"other\"}", WebSocketCloseStatus.InvalidPayloadData, "The type is 'subscribe'.")]
    [InlineData("long", WebSocketCloseStatus.MessageTooBig, "A message has at most 4096 bytes.")]
    public async Task A_watcher_that_speaks_otherwise_is_let_go_and_told_why(string sent, WebSocketCloseStatus status, string why)
    {
        using var socket = await WatchAsync();
        await ReadAsync(socket);
        await SendAsync(socket, sent == "long" ? new string('x', WatchSession.MaxMessageBytes + 1) : sent);
        while (socket.State == WebSocketState.Open) { await ReadAsync(socket); }
        (socket.CloseStatus, socket.CloseStatusDescription).ShouldBe((status, why));
    }

    [Fact]
    public async Task A_watcher_from_a_strange_page_and_a_node_that_is_a_page_are_refused()
    {
        (await UpgradeAsync("/ws", socket => socket.Options.SetRequestHeader("Origin", "https://stranger.example"))).ShouldBe(HttpStatusCode.Forbidden);
        (await UpgradeAsync("/mesh/gossip", socket =>
        {
            socket.Options.SetRequestHeader("Origin", "https://friend.example");
            socket.Options.AddSubProtocol(MeshProtocol.Subprotocol);
        })).ShouldBe(HttpStatusCode.Forbidden);
        (await UpgradeAsync("/mesh/gossip", _ => { })).ShouldBe(HttpStatusCode.BadRequest);
        (await RefusedAsync("/ws", HttpStatusCode.BadRequest)).Code.ShouldBe("BAD_REQUEST");
    }

    [Fact]
    public async Task A_node_that_speaks_text_or_too_much_is_cut_off_and_counted()
    {
        using (var text = await WatchAsync("/mesh/gossip", socket => socket.Options.AddSubProtocol(MeshProtocol.Subprotocol)))
        {
            await SendAsync(text, "hello");
            await EndAsync(text);
            text.CloseStatus.ShouldBe(WebSocketCloseStatus.InvalidMessageType);
        }

        using var large = await WatchAsync("/mesh/gossip", socket => socket.Options.AddSubProtocol(MeshProtocol.Subprotocol));
        await large.SendAsync(new byte[MeshProtocol.MaxFrameBytes + 1], WebSocketMessageType.Binary, true, default);
        await EndAsync(large);
        large.CloseStatus.ShouldNotBeNull();
        (await JsonAsync("/api/mesh/prices/BTC")).GetProperty("success").GetBoolean().ShouldBeTrue();
    }

    private async Task<JsonElement> JsonAsync(string path) => await _http.GetFromJsonAsync<JsonElement>(path);

    private async Task<(string? Code, string? Error)> RefusedAsync(string path, HttpStatusCode status)
    {
        using var answer = await _http.GetAsync(path);
        answer.StatusCode.ShouldBe(status);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        body.GetProperty("success").GetBoolean().ShouldBeFalse();
        return (body.GetProperty("code").GetString(), body.GetProperty("error").GetString());
    }

    private async Task<(HttpStatusCode Status, string? Code)> PostAsync(string to, string? token, string body = "", string? origin = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/mesh/provider/" + to) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (origin is not null) { request.Headers.Add("Origin", origin); }
        if (token is not null) { request.Headers.Authorization = new("Bearer", token); }
        using var answer = await _http.SendAsync(request);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (answer.StatusCode, json.TryGetProperty("code", out var code) ? code.GetString() : null);
    }

    private async Task<HttpStatusCode> UpgradeAsync(string path, Action<ClientWebSocket> prepare)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        prepare(socket);
        await Should.ThrowAsync<WebSocketException>(() => socket.ConnectAsync(Address(path), default));
        return socket.HttpStatusCode;
    }

    private async Task<ClientWebSocket> WatchAsync(string path = "/ws", Action<ClientWebSocket>? prepare = null)
    {
        var socket = new ClientWebSocket();
        prepare?.Invoke(socket);
        await socket.ConnectAsync(Address(path), default);
        return socket;
    }

    private Uri Address(string path) => new(_app.Urls.First().Replace("http:", "ws:", StringComparison.Ordinal) + path);

    private static Task SendAsync(ClientWebSocket socket, string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, default);

    /// <summary>The next message; nothing where the connection ends.</summary>
    private static async Task<JsonElement> ReadAsync(ClientWebSocket socket)
    {
        var (buffer, length) = (new byte[1 << 20], 0);
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), default);
            if (part.MessageType == WebSocketMessageType.Close) { return default; }
            length += part.Count;
            if (part.EndOfMessage) { return JsonDocument.Parse(buffer.AsMemory(0, length)).RootElement.Clone(); }
        }
    }

    private static async Task EndAsync(ClientWebSocket socket)
    {
        var buffer = new byte[1 << 17];
        while ((await socket.ReceiveAsync(buffer.AsMemory(), default)).MessageType != WebSocketMessageType.Close)
        {
            // Its greeting, and what else it said before.
        }
    }
}
