using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Posthouse.AspNetCore.Ivxp;
using Posthouse.Hosting;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Services;
using Posthouse.Ivxp.Signing;
using Posthouse.Storage;
using Posthouse.Tests.Ivxp;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.AspNetCore.Ivxp;

/// <summary>What comes after a delivery, over HTTP.</summary>
public sealed class ReceiptEndpointsTests : IAsyncLifetime
{
    private ProviderSite _site = null!;
    private string _order = null!;

    private HttpClient Http => _site.Http;

    public async ValueTask InitializeAsync()
    {
        _site = await ProviderSite.StartAsync();
        _order = await MadeAsync();
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("/ivxp/confirm")]
    [InlineData("/ivxp/confirm/{id}")]
    [InlineData("/ivxp/orders/{id}/confirm")]
    public async Task Each_path_takes_each_shape_and_answers_what_the_original_client_needs(string path)
    {
        var text = $"Confirm delivery: {_order} | Timestamp: {Now()}";
        var nested = $$"""{"protocol":"IVXP/1.0","message_type":"delivery_confirmation","timestamp":"{{Now()}}","order_id":"{{_order}}","confirmation":{"message":"{{text}}","signature":"{{_site.Buyer.Sign(text)}}","signer":"{{_site.Buyer.Address}}"} }""";
        var first = await PostAsync(path, nested, 200);
        first.GetProperty("status").GetString().ShouldBe("confirmed");
        first.GetProperty("order_status").GetString().ShouldBe("client_confirmed");
        WireTime.TryParse(first.GetProperty("confirmed_at").GetString(), out _).ShouldBeTrue();

        var old = $"Order: {_order} | Received: {Now()} | Satisfied: true";
        var oldest = $$"""{"order_id":"{{_order}}","status":"received","satisfaction_rating":5,"signature":"{{_site.Buyer.Sign(old).ToString()[2..]}}","signed_message":"{{old}}"}""";
        (await PostAsync(path, oldest, 200)).GetRawText().ShouldBe(first.GetRawText());
        (await PostAsync(path, oldest.Replace(":5,", ":5.0,", StringComparison.Ordinal), 400)).GetProperty("error").GetString().ShouldBe("INVALID_REQUEST");
        (await PostAsync(path, "{}", 400)).GetProperty("error").GetString().ShouldBe("INVALID_REQUEST");
        (await PostAsync(path, oldest.Replace(_order, OrderId.New(new SeededIds(9)), StringComparison.Ordinal), path.Contains("{id}", StringComparison.Ordinal) ? 400 : 404))
            .GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Stored_content_that_a_browser_opens_is_a_file_and_no_page()
    {
        using var answer = await Http.GetAsync(new Uri($"/ivxp/download/{_order}", UriKind.Relative));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        answer.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
    }

    [Fact]
    public async Task The_inbox_the_bundle_and_the_reputation_answer_overHttp()
    {
        var at = Now();
        var text = SignedText.Inbox.Build(new SignedFields("", Timestamp: at, Address: _site.Provider.Address.ToString()));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/ivxp/inbox?limit=1");
        request.Headers.Add("IVXP-Address", _site.Buyer.Address.ToString());
        request.Headers.Add("IVXP-Timestamp", at);
        request.Headers.Add("IVXP-Signature", _site.Buyer.Sign(text).ToString());
        using var inbox = await Http.SendAsync(request);
        var page = await JsonAsync(inbox, 200);
        page.GetProperty("orders").EnumerateArray().ShouldHaveSingleItem().GetProperty("order_id").GetString().ShouldBe(_order);
        page.GetProperty("next_cursor").GetString()!.Length.ShouldBe(11);
        inbox.Headers.CacheControl!.NoStore.ShouldBeTrue();
        (await GetAsync("/ivxp/inbox", 401)).GetProperty("error").GetString().ShouldBe("SIGNATURE_INVALID");

        var bundle = ReceiptBundle.Parse(Encoding.UTF8.GetBytes((await GetAsync($"/ivxp/orders/{_order}/receipt", 200)).GetRawText()));
        bundle.Verify(Secp256k1.Best).Proves("delivery").ShouldBeTrue();
        (await GetAsync("/ivxp/orders/nothing/receipt", 404)).GetProperty("error").GetString().ShouldBe("ORDER_NOT_FOUND");
        (await GetAsync("/ivxp/reputation", 200)).GetProperty("services").EnumerateArray().Select(service => service.GetProperty("type").GetString())
            .ShouldBe(["text_echo", "research", "slow", "broken"]);
        (await PostAsync("/ivxp/orders/{id}/redeliver", "", 401)).GetProperty("error").GetString().ShouldBe("SIGNATURE_INVALID");
    }

    private static string Now() => WireTime.Write(TimeProvider.System.GetUtcNow());

    /// <summary>A made order, put into the store without a chain.</summary>
    private async Task<string> MadeAsync()
    {
        var id = OrderId.New(new SeededIds(3));
        var now = TimeProvider.System.GetUtcNow().AddSeconds(-1);
        var content = "{\"text\":\"<script>\"}"u8.ToArray();
        var hash = JsonContent.Parse(content).Hash();
        var text = SignedText.Delivery.Build(new SignedFields(id, Timestamp: WireTime.Write(now), ContentHash: hash.Wire));
        var order = new Order
        {
            Id = id,
            Version = 1,
            State = OrderState.Quoted,
            Protocol = IvxpProtocol.Version11,
            ServiceType = "text_echo",
            Description = "x",
            ClientName = "t",
            Client = _site.Buyer.Address,
            Price = UsdcAmount.FromUnits(5_000_000),
            PaymentAddress = _site.Provider.Address,
            Network = UsdcNetwork.BaseSepolia,
            CreatedAt = now,
            PayUntil = now.AddHours(1),
        };
        await _site.Get<IStore>().WriteAsync(write =>
        {
            OrderBook.Add(write, order);
            var paid = OrderBook.Change(write, order, OrderEvent.PaymentVerified, OrderActor.Client, (next, at) => next with { TransactionHash = "0x" + new string('a', 64), PaidAt = at });
            var begun = OrderBook.Change(write, paid, OrderEvent.WorkStarted, OrderActor.Provider);
            OrderBook.Change(write, begun, OrderEvent.StoredForPickup, OrderActor.Provider, (next, at) => next with { CompletedAt = now, ReadyAt = at, KeepUntil = now.AddDays(7), ContentHash = hash.Wire });
            OrderRows.InsertDeliverable(write, id, new StoredDeliverable("delivery-1", "text_echo", "json", content, hash, text, _site.Provider.Sign(text).ToString()));
            return true;
        });
        return id;
    }

    private async Task<JsonElement> PostAsync(string path, string body, int status)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await Http.PostAsync(new Uri(path.Replace("{id}", _order, StringComparison.Ordinal), UriKind.Relative), content);
        return await JsonAsync(answer, status);
    }

    private async Task<JsonElement> GetAsync(string path, int status)
    {
        using var answer = await Http.GetAsync(new Uri(path, UriKind.Relative));
        return await JsonAsync(answer, status);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer, int status)
    {
        var text = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(status, text);
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
