using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.Mesh.Providers.Sources;
using Posthouse.Mesh.Wire;

namespace Posthouse.Tests.Mesh.Providers.Sources;

/// <summary>
/// A stand-in for the vendors on this machine: it serves the shapes that they document, with the prices and faults of a CSV file. Like
/// the worst of them, it repeats a wrong key in its answer.
/// </summary>
internal sealed class VendorServer : IAsyncDisposable
{
    public const string Key = "0a1b2c3d-key-of-the-vendor";

    private readonly WebApplication _app = Build();
    private readonly ReplayFile _file;

    private VendorServer(ReplayFile file) => _file = file;

    public string Address { get; private set; } = "";

    /// <summary>The time of the file that is served.</summary>
    public DateTimeOffset At { get; set; }

    /// <summary>Answers in the place of the vendor; null: it does itself.</summary>
    public Func<HttpContext, Task>? Instead { get; set; }

    public List<(string Path, string? Chain)> Requests { get; } = [];

    /// <summary>Ends when a request has come that will never be answered.</summary>
    public TaskCompletionSource Hanging { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static async Task<VendorServer> StartAsync(string csv)
    {
        var file = ReplayFile.Parse(csv, "test");
        var server = new VendorServer(file) { At = file.Last };
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        server.Address = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        return builder.Build();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        lock (Requests)
            Requests.Add((context.Request.Path + context.Request.QueryString, context.Request.Headers["x-chain"].FirstOrDefault()));
        if (Instead is { } instead)
        {
            await instead(context);
            return;
        }

        var fault = _file.FaultAt(At);
        switch (fault.Kind)
        {
            case InjectedKind.Timeout:
                Hanging.TrySetResult();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                return;
            case InjectedKind.Status:
                context.Response.StatusCode = fault.Number;
                if (fault.RetryAfter is { } wait)
                    context.Response.Headers.RetryAfter = wait.TotalSeconds.ToString(CultureInfo.InvariantCulture);
                return;
            case InjectedKind.Garbage:
                await context.Response.WriteAsync("<html>Attention required</html>");
                return;
        }

        var (status, body) = Answer(context.Request);
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(body);
    }

    private (int Status, string Body) Answer(HttpRequest request)
    {
        var path = request.Path.Value!;
        if (path.StartsWith("/v", StringComparison.Ordinal))
            return CoinMarketCap(request, path);
        if (path.StartsWith("/api/v3/", StringComparison.Ordinal))
            return CoinGecko(request, path);
        if (path.StartsWith("/defi/", StringComparison.Ordinal))
            return Birdeye(request, path);
        if (path == "/time")
            return (200, """{"iso":"2026-01-01T00:00:00Z","epoch":1767225600.0}""");
        return Coinbase(path.Split('/')[2].Replace("-USD", "", StringComparison.Ordinal));
    }

    private (int Status, string Body) CoinMarketCap(HttpRequest request, string path)
    {
        string Envelope(int code, string? message, string data) =>
            $$"""{"status":{"timestamp":"2026-01-01T00:00:00.000Z","error_code":{{code}},"error_message":{{(message is null ? "null" : $"\"{message}\"")}},"elapsed":3,"credit_count":1},"data":{{data}}}""";
        if (request.Headers["X-CMC_PRO_API_KEY"] != Key)
            return (401, Envelope(1001, $"This API Key is invalid: {request.Headers["X-CMC_PRO_API_KEY"]}", "{}"));
        if (path == "/v1/key/info")
            return (200, Envelope(0, null, """{"plan":{"credit_limit_monthly":10000}}"""));
        var coins = Wanted(request, "symbol").Select(symbol => (symbol, _file.At(new AssetKey(symbol, "multi"), At))).Where(coin => coin.Item2 is not null)
            .Select(coin => (coin.symbol, Body: $$"""{"id":1,"name":"x","symbol":"{{coin.symbol}}","tags":["a",{"b":[1]}],"quote":{"EUR":{"price":1},"USD":{"price":{{Number(coin.Item2!.Value.Reading.Price)}},"volume_24h":1.5e9,"percent_change_24h":{{coin.Item2.Value.Reading.Change24h}},"market_cap":null,"last_updated":"{{coin.Item2.Value.Time:yyyy-MM-ddTHH:mm:ss.fff}}Z"} } }"""));
        return (200, Envelope(0, null, path[..3] switch
        {
            "/v1" => $$"""{{{string.Join(',', coins.Select(coin => $"\"{coin.symbol}\":{coin.Body}"))}}}""",
            "/v2" => $$"""{{{string.Join(',', coins.Select(coin => $"\"{coin.symbol}\":[{coin.Body},{{\"symbol\":\"{coin.symbol}\",\"quote\":{{}}}}]"))}}}""",
            _ => $"[{string.Join(',', coins.Select(coin => coin.Body))}]",
        }));
    }

    private (int Status, string Body) CoinGecko(HttpRequest request, string path)
    {
        if (request.Headers["x-cg-demo-api-key"] != Key)
            return (401, $$"""{"status":{"error_code":10002,"error_message":"API Key Missing or wrong: {{request.Headers["x-cg-demo-api-key"]}}"} }""");
        if (path.EndsWith("/ping", StringComparison.Ordinal))
            return (200, """{"gecko_says":"(V3) To the Moon!"}""");
        var names = new Dictionary<string, string> { ["bitcoin"] = "BTC", ["ethereum"] = "ETH" };
        var coins = Wanted(request, "ids").Where(names.ContainsKey).Select(id => (id, _file.At(new AssetKey(names[id], "multi"), At)!.Value))
            .Select(coin => $$"""
                "{{coin.id}}":{"usd":{{Number(coin.Value.Reading.Price)}},"usd_24h_change":{{coin.Value.Reading.Change24h}},"last_updated_at":{{coin.Value.Time.ToUnixTimeSeconds()}}}
                """);
        return (200, $"{{{string.Join(',', coins)}}}");
    }

    private (int Status, string Body) Birdeye(HttpRequest request, string path)
    {
        if (request.Headers["X-API-KEY"] != Key)
            return (401, $$"""{"success":false,"message":"Unauthorized {{request.Headers["X-API-KEY"]}}"}""");
        if (path == "/defi/networks")
            return (200, """{"success":true,"data":["solana","base"]}""");
        string Token(string address) =>
            SourceProfiles.Birdeye.Symbols.FirstOrDefault(known => known.Value == address).Key is { } name && _file.At(new AssetKey(name.Split('@')[0], "solana"), At) is { } row
                ? $$"""{"value":{{Number(row.Reading.Price)}},"updateUnixTime":{{row.Time.ToUnixTimeSeconds()}},"updateHumanTime":"x","priceChange24h":{{row.Reading.Change24h}},"liquidity":1.5}"""
                : "null";
        return path == "/defi/price"
            ? (200, $$"""{"success":true,"data":{{Token(request.Query["address"]!)}}}""")
            : (200, $$"""{"success":true,"data":{{{string.Join(',', Wanted(request, "list_address").Select(address => $"\"{address}\":{Token(address)}"))}}} }""");
    }

    private (int Status, string Body) Coinbase(string asset) => _file.At(new AssetKey(asset, "multi"), At) is { } row
        ? (200, $$"""{"ask":"1.2","bid":"1.1","volume":"9","trade_id":1,"price":"{{row.Reading.Price}}","size":"1","time":"{{row.Time:yyyy-MM-ddTHH:mm:ss.ffffff}}Z"}""")
        : (404, """{"message":"NotFound"}""");

    private static string[] Wanted(HttpRequest request, string name) => request.Query[name].ToString().Split(',');

    /// <summary>As vendors that hold prices in doubles write them: small ones with an exponent.</summary>
    private static string Number(decimal price) => price < 0.0001m ? ((double)price).ToString("0.###############e-00", CultureInfo.InvariantCulture) : price.ToString(CultureInfo.InvariantCulture);
}
