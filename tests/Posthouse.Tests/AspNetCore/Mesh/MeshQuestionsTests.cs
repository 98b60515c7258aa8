using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
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

/// <summary>What is asked wrongly, or of what nobody knows, is not answered as if it were fine.</summary>
public sealed class MeshQuestionsTests : IAsyncLifetime
{
    private readonly TempFolder _folder = TempFolder.InMemory();
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMesh(new MeshOptions { Folder = _folder.Path, Trust = TrustMode.Open, Source = new SourceOptions { Assets = ["BTC"], Speed = 0.001 }, Provide = true });
        _app = builder.Build();
        _app.MapMesh();
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        var node = _app.Services.GetRequiredService<MeshHost>().Node;
        using var watcher = new Watcher(null, TimeSpan.Zero, TimeProvider.System);
        node.Feed.Join(watcher, null);
        while (node.GetPriceData("BTC") is null)
        {
            await watcher.WaitAsync(TimeSpan.FromSeconds(10), default);
            watcher.Take();
        }

        node.Feed.Leave(watcher);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("prices/NOPE")]
    [InlineData("prices/nope/history")]
    [InlineData("prices?assets=NOPE")]
    [InlineData("prices?assets=NOPE&max_age=5")]
    public async Task What_nobody_knows_is_no_success(string path) =>
        (await RefusedAsync("/api/mesh/" + path, HttpStatusCode.NotFound)).ShouldBe(("CACHE_MISS", "No price of NOPE is known here."));

    [Fact]
    public async Task Who_names_assets_hears_which_of_them_nobody_knows()
    {
        var some = await _http.GetFromJsonAsync<JsonElement>("/api/mesh/prices?assets=btc,NOPE");
        some.GetProperty("data").EnumerateObject().ShouldHaveSingleItem().Name.ShouldBe("BTC");
        some.GetProperty("missing").EnumerateArray().ShouldHaveSingleItem().GetString().ShouldBe("NOPE");
        (await _http.GetFromJsonAsync<JsonElement>("/api/mesh/prices?assets=btc")).TryGetProperty("missing", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("/api/mesh/prices?maxage=1", "'maxage' is no parameter here. Known: assets, max_age.")]
    [InlineData("/api/mesh/prices/BTC?assets=BTC", "'assets' is no parameter here. Known: max_age.")]
    [InlineData("/api/mesh/events?from=1", "'from' is no parameter here. Known: since.")]
    [InlineData("/ws?from=1", "'from' is no parameter here. Known: since.")]
    public async Task A_parameter_that_nobody_reads_is_refused(string path, string error) =>
        (await RefusedAsync(path, HttpStatusCode.BadRequest)).ShouldBe(("BAD_REQUEST", error));

    [Theory]
    [InlineData("{\"api_kee\": \"a key in the wrong place\"}", "The body has 'api_kee', and only 'api_key' is known.")]
    [InlineData("[]", "The body is JSON: {\"api_key\": \"…\"}, or empty for the configured key.")]
    public async Task A_body_that_nobody_reads_switches_nothing(string body, string error)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/mesh/provider/enable") { Content = new StringContent(body) };
        request.Headers.Authorization = new("Bearer", (await File.ReadAllTextAsync(Path.Combine(_folder.Path, OperatorToken.FileName))).Trim());
        using var answer = await _http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString().ShouldBe(error);
    }

    [Fact]
    public async Task A_watcher_that_comes_back_from_nowhere_is_not_let_in()
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        await Should.ThrowAsync<WebSocketException>(() => socket.ConnectAsync(new Uri(_app.Urls.First().Replace("http:", "ws:", StringComparison.Ordinal) + "/ws?since=abc"), default));
        socket.HttpStatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    private async Task<(string? Code, string? Error)> RefusedAsync(string path, HttpStatusCode status)
    {
        using var answer = await _http.GetAsync(path);
        answer.StatusCode.ShouldBe(status);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (body.GetProperty("code").GetString(), body.GetProperty("error").GetString());
    }
}
