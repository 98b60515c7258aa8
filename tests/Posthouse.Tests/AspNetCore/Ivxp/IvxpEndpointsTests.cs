using System.Net;
using System.Net.Http.Json;
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
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Services;
using Posthouse.Ivxp.Signing;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Tests.Ivxp;
using Posthouse.Tests.Ivxp.Client;
using Posthouse.Tests.Storage;
using JsonContent = Posthouse.Ivxp.Protocol.Messages.JsonContent;

namespace Posthouse.Tests.AspNetCore.Ivxp;

/// <summary>The whole provider behind a test server, bought from by the real client.</summary>
public sealed class IvxpEndpointsTests : IAsyncLifetime
{
    private ProviderSite _site = null!;

    private HttpClient Http => _site.Http;

    private IExchange Exchange => _site.Get<IExchange>();

    public async ValueTask InitializeAsync() => _site = await ProviderSite.StartAsync();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task A_purchase_goes_through_and_the_pocket_remembers()
    {
        await using var stage = await PocketStage.StartAsync(Exchange);
        stage.Time.JumpWallClock(TimeProvider.System.GetUtcNow() - stage.Time.GetUtcNow());

        var begun = await stage.Client.BuyAsync(new PurchaseRequest(new Uri("http://localhost/"), "text_echo", "grüße 🌍", UsdcAmount.FromUnits(5_000_000)));
        var done = await stage.ThroughAsync(begun);

        Encoding.UTF8.GetString(done.Content!).ShouldBe("""{"text":"grüße 🌍"}""");
        (done.Provider, done.SignedMessage is not null).ShouldBe((_site.Provider.Address, true));
        (await stage.Client.StatusAsync(done.OrderId![..12])).Status.StatusV11.ShouldBe("delivered");
        (await stage.Client.Book.ListAsync()).ShouldHaveSingleItem().Content.ShouldBe(done.Content);
    }

    [Fact]
    public async Task A_changed_content_a_changed_text_and_another_signer_are_refused()
    {
        var client = new ProviderClient(Exchange, new Uri("http://localhost/"), TimeProvider.System, Secp256k1.Best);
        var quote = await client.QuoteAsync(new ClientAgent("t", _site.Buyer.Address.ToString()), new RequestedWork("text_echo", "a", UsdcAmount.FromUnits(5_000_000)));
        await client.ProveAsync(_site.Buyer, quote.OrderId, "base-sepolia", await client.PayOnDevChainAsync(_site.Buyer.Address, _site.Provider.Address, quote.Quote.PriceUsdc), null);
        var jobs = _site.Get<IJobStore>();
        for (var position = await jobs.LastPositionAsync(); (await client.StatusAsync(quote.OrderId)).StatusV11 is not "ready_for_pickup"; position = await jobs.LastPositionAsync())
            await jobs.ChangedAsync(position, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        var good = (await client.DownloadAsync(quote.OrderId, _site.Provider.Address)).Message;

        var other = good with { Deliverable = good.Deliverable with { Content = Posthouse.Ivxp.Protocol.Messages.JsonContent.Parse("{\"text\":\"b\"}"u8.ToArray()) } };
        Code(() => Check(other, _site.Provider.Address)).ShouldBe(ClientErrors.DeliveryUntrusted);
        Code(() => Check(other with { ContentHash = other.Deliverable.Content.Hash().Wire }, _site.Provider.Address)).ShouldBe(ClientErrors.DeliveryUntrusted);
        Code(() => Check(good, _site.Buyer.Address)).ShouldBe(ClientErrors.DeliveryUntrusted);
        Check(good, _site.Provider.Address).IsSigned.ShouldBeTrue();

        CheckedDelivery Check(ServiceDelivery message, EthereumAddress signer) => ProviderClient.Check(message, quote.OrderId, signer, Secp256k1.Best);
        static string Code(Func<CheckedDelivery> check) => Should.Throw<PosthouseException>(check).Code;
    }

    [Fact]
    public async Task The_catalog_answers_get_and_head()
    {
        var catalog = await Http.GetFromJsonAsync<JsonElement>("/ivxp/catalog");
        catalog.GetProperty("protocol").GetString().ShouldBe("IVXP/1.0");
        catalog.GetProperty("services").EnumerateArray().Select(s => s.GetProperty("base_price_usdc").GetDecimal()).ShouldBe([5, 50, 1, 1]);
        using var head = await Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/ivxp/catalog"));
        head.StatusCode.ShouldBe(HttpStatusCode.OK);
        head.Content.Headers.ContentLength.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("GET", "/ivxp/request", "", 405, "METHOD_NOT_ALLOWED")]
    [InlineData("DELETE", "/ivxp/status/ivxp-1", "", 405, "METHOD_NOT_ALLOWED")]
    [InlineData("GET", "/ivxp/status/ivxp-1", "", 404, "ORDER_NOT_FOUND")]
    [InlineData("GET", "/ivxp/download/..%2f..", "", 404, "ORDER_NOT_FOUND")]
    [InlineData("POST", "/ivxp/request", "{", 400, "INVALID_REQUEST")]
    [InlineData("POST", "/ivxp/request", "[]", 400, "INVALID_REQUEST")]
    [InlineData("POST", "/ivxp/request", "", 400, "INVALID_REQUEST")]
    [InlineData("POST", "/ivxp/request", "{}", 400, "PROTOCOL_VERSION_UNSUPPORTED")]
    [InlineData("POST", "/ivxp/request", """{"protocol":"IVXP/2.0"}""", 400, "PROTOCOL_VERSION_UNSUPPORTED")]
    [InlineData("POST", "/ivxp/request", """{"protocol":"IVXP/1.1"}""", 400, "INVALID_REQUEST")]
    [InlineData("POST", "/ivxp/request", """{"protocol":"IVXP/1.1","protocol":"IVXP/1.0"}""", 400, "INVALID_REQUEST")]
    [InlineData("POST", "/ivxp/deliver", """{"protocol":"IVXP/1.1","order_id":5}""", 400, "INVALID_REQUEST")]
    public async Task Every_mistake_is_answered_in_the_words_of_the_protocol(string method, string path, string body, int status, string code)
    {
        using var answer = await Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path)
        {
            Content = method == "POST" ? new StringContent(body, Encoding.UTF8, "application/json") : null,
        });
        ((int)answer.StatusCode, await CodeAsync(answer)).ShouldBe((status, code));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_beyond_64_KiB_is_too_large(bool chunked)
    {
        var content = new ByteArrayContent(new byte[(64 << 10) + 1]);
        using var answer = await Http.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/ivxp/request") { Content = content, Headers = { TransferEncodingChunked = chunked } });
        ((int)answer.StatusCode, await CodeAsync(answer)).ShouldBe((413, "REQUEST_TOO_LARGE"));
    }

    [Theory]
    [InlineData("nothing", "5", "SERVICE_TYPE_NOT_SUPPORTED")]
    [InlineData("text_echo", "4.99", "BUDGET_TOO_LOW")]
    public async Task A_request_that_cannot_be_sold_is_refused(string service, string budget, string code)
    {
        var client = new ProviderClient(Exchange, new Uri("http://localhost/"), TimeProvider.System, Secp256k1.Best);
        UsdcAmount.TryParse(budget, out var amount).ShouldBeTrue();
        (await Should.ThrowAsync<PosthouseException>(() => client.QuoteAsync(new ClientAgent("t", _site.Buyer.Address.ToString()), new RequestedWork(service, "x", amount)))).Code.ShouldBe(code);
    }

    [Fact]
    public async Task The_development_chain_does_not_exist_unless_it_was_added()
    {
        await using var bare = WebApplication.CreateSlimBuilder().Build();
        Should.Throw<InvalidOperationException>(() => bare.MapDevChain()).Message.ShouldContain("--dev");
        Should.Throw<InvalidOperationException>(() => bare.MapIvxp()).Message.ShouldContain("AddIvxp");
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        body.GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
        return body.GetProperty("error").GetString();
    }
}
