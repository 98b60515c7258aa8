using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Ivxp;
using Posthouse.Connectivity;
using Posthouse.Hosting;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Services;
using Posthouse.Ivxp.Signing;
using Posthouse.Storage;
using Posthouse.Tests.Ivxp;
using Posthouse.Tests.Postgres;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.AspNetCore.Ivxp;

/// <summary>A provider behind a test server with a development chain of its own, spoken to in JSON alone.</summary>
internal sealed class ProviderSite : IAsyncDisposable
{
    private static readonly TimeSpan _net = TimeSpan.FromSeconds(30);

    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly WebApplication _app;

    private ProviderSite(Func<IvxpOptions, IvxpOptions>? configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        IExchange? exchange = null;
        builder.Services.AddSingleton(provider => exchange ??= new HttpExchange(
            new HttpMessageInvoker(((TestServer)provider.GetRequiredService<IServer>()).CreateHandler()), TimeProvider.System));
        builder.Services.AddSingleton(provider => new IvxpExchanges(provider.GetRequiredService<IExchange>(), provider.GetRequiredService<IExchange>()));
        var options = new IvxpOptions
        {
            Wallet = Provider,
            Network = UsdcNetwork.BaseSepolia,
            RpcUrl = () => new Uri("http://localhost" + IvxpProtocol.Routes.DevChain),
            Services = DevOffers.All(TimeProvider.System),
        };
        builder.Services.AddPosthouse().UseTestStore(_folder.File("station.db")).AddDevChain(UsdcNetwork.BaseSepolia).AddIvxp(configure?.Invoke(options) ?? options);
        _app = builder.Build();
        _app.MapIvxp().MapDevChain();
    }

    public Wallet Provider { get; } = Wallet.Create(new SeededIds(1), Secp256k1.Best);

    public Wallet Buyer { get; } = Wallet.Create(new SeededIds(2), Secp256k1.Best);

    public HttpClient Http { get; private set; } = null!;

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public static async Task<ProviderSite> StartAsync(Func<IvxpOptions, IvxpOptions>? configure = null)
    {
        var site = new ProviderSite(configure);
        await site._app.StartAsync();
        site.Http = site._app.GetTestClient();
        return site;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>An answer with its body, which is always JSON here.</summary>
    public async Task<Answer> SendAsync(string method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.Remove(name);
                request.Content.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
            }
        }
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer((int)response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement, response.Headers, response.Content.Headers);
    }

    public async Task<string> QuoteAsync(string service = "text_echo", string protocol = "IVXP/1.0")
    {
        var quote = await SendAsync("POST", "/ivxp/request", new
        {
            protocol,
            message_type = "service_request",
            timestamp = Now(),
            client_agent = new { name = "test", wallet_address = Buyer.Address.ToString() },
            service_request = new { type = service, description = "größe", budget_usdc = 50 },
        });
        quote.Status.ShouldBe(200, quote.Body.ToString());
        return quote.Text("order_id");
    }

    public async Task<string> PayAsync(string usdc = "5")
    {
        var paid = await SendAsync("POST", "/dev/chain", new
        {
            jsonrpc = "2.0",
            id = 1,
            method = "dev_pay",
            @params = new[] { new { from = Buyer.Address.ToString(), to = Provider.Address.ToString(), amount_usdc = usdc } },
        });
        return paid.Text("result");
    }

    /// <summary>A delivery request of the wire with a text of form D1.</summary>
    public Task<Answer> DeliverAsync(string order, string transaction, Func<string, string>? sign = null, string? timestamp = null, string? endpoint = null)
    {
        timestamp ??= Now();
        var text = $"Order: {order} | Payment: {transaction} | Timestamp: {timestamp}";
        return SendAsync("POST", "/ivxp/deliver", new
        {
            protocol = "IVXP/1.0",
            message_type = "delivery_request",
            timestamp,
            order_id = order,
            payment_proof = new { tx_hash = transaction, from_address = Buyer.Address.ToString(), network = "base-sepolia" },
            delivery_endpoint = endpoint ?? "http://localhost:6066/ivxp/receive",
            signature = (sign ?? Sign)(text),
            signed_message = text,
        });
    }

    public string Sign(string text) => Buyer.Sign(text).ToString();

    /// <summary>The status once it is wanted, woken by the store's own signal.</summary>
    public async Task<Answer> UntilAsync(string path, string wanted)
    {
        var jobs = Get<IJobStore>();
        using var net = new CancellationTokenSource(_net);
        while (true)
        {
            var position = await jobs.LastPositionAsync();
            var answer = await SendAsync("GET", path);
            if (answer.Text("status") == wanted)
                return answer;
            await jobs.ChangedAsync(position, net.Token);
        }
    }

    public static string Now() => WireTime.Write(TimeProvider.System.GetUtcNow());
}

internal sealed record Answer(int Status, JsonElement Body, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public string Code => Text("error");

    public string Text(string member) => Body.GetProperty(member).GetString()!;

    public string Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(',', values) : ContentHeaders.TryGetValues(name, out values) ? string.Join(',', values) : "";
}
