using System.Text;
using System.Text.Json.Nodes;
using Posthouse.Connectivity;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Tests.Ivxp.Client;

/// <summary>Purchases from providers of every dialect, and through everything that can go wrong on the road.</summary>
public sealed class PurchaseTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(Speaks.Workflow, "POST /ivxp/orders/{id}/payment", """{"text":"grüße"}""")]
    [InlineData(Speaks.Wire, "POST /ivxp/deliver", """{"text":"grüße"}""")]
    [InlineData(Speaks.Flat, "POST /ivxp/deliver", "\"{\\\"text\\\":\\\"grüße\\\"}\"")]
    [InlineData(Speaks.Python, "POST /ivxp/deliver", """{"text":"grüße"}""")]
    public async Task A_purchase_goes_through_in_every_dialect_and_the_next_one_begins_in_the_right_one(Speaks speaks, string proof, string content)
    {
        var provider = new SmallProvider(speaks, _time);
        await using var stage = await PocketStage.StartAsync(provider, _time);

        var bought = await stage.ThroughAsync(await stage.BuyAsync());

        Encoding.UTF8.GetString(bought.Content!).ShouldBe(content);
        (bought.Provider, bought.Status, bought.TransactionHash, provider.Payments).ShouldBe((provider.Address, "delivered", provider.LastPayment, 1));
        provider.Asked.Clear();
        provider.WorkTakes = 0;
        var second = await stage.ThroughAsync(await stage.BuyAsync());
        provider.Asked.First(asked => asked.StartsWith("POST /ivxp/", StringComparison.Ordinal) && !asked.EndsWith("request", StringComparison.Ordinal))
            .ShouldBe(proof.Replace("{id}", second.OrderId, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Speaks.Workflow)]
    [InlineData(Speaks.Wire)]
    public async Task A_receipt_names_the_hash_in_the_providers_own_characters(Speaks speaks)
    {
        var provider = new SmallProvider(speaks, _time) { Edit = body => Shouted(body) };
        await using var stage = await PocketStage.StartAsync(provider, _time);
        var bought = await stage.ThroughAsync(await stage.BuyAsync());

        await stage.Client.ConfirmAsync(bought.Id, 4);
        var confirmed = await stage.ThroughAsync(bought);

        confirmed.ConfirmedAt.ShouldBe(new DateTimeOffset(2026, 2, 6, 0, 0, 0, TimeSpan.Zero));
        var receipt = provider.Order(bought.OrderId!)["receipt"]!;
        receipt["confirmation"]!["content_hash"]!.GetValue<string>().ShouldBe(bought.ContentHash);
        bought.ContentHash.ShouldBe("sha256:" + ContentHash.OfText("""{"text":"grüße"}""").ToUpperInvariant());
        receipt["confirmation"]!["satisfaction_rating"]!.GetValue<int>().ShouldBe(4);
        JsonNode.DeepEquals(JsonNode.Parse(confirmed.Receipt!), receipt).ShouldBeTrue();
    }

    [Fact]
    public async Task A_week_without_a_network_goes_on_at_the_right_step_and_pays_once()
    {
        var provider = new SmallProvider(Speaks.Workflow, _time);
        await using var stage = await PocketStage.StartAsync(provider, _time);
        var (away, orders) = (true, 0);
        provider.Road = (request, answer) =>
        {
            if (away)
                throw new HttpRequestException(HttpRequestError.ConnectionError, "no route");
            orders += request.Uri.AbsolutePath == "/ivxp/request" ? 1 : 0;
            return answer();
        };
        var begun = await stage.BuyAsync();
        await stage.UntilAsync(begun, _ => provider.Asked.Count > 0);
        for (var day = 0; day < 7; day++)
            stage.Pass(TimeSpan.FromDays(1));
        await stage.RestartAsync();
        away = false;

        var bought = await stage.ThroughAsync(begun);

        (orders, provider.Payments, bought.FailureCode).ShouldBe((1, 1, null));
    }

    [Fact]
    public async Task A_payment_whose_answer_was_lost_is_not_made_twice_and_its_transaction_goes_on()
    {
        var provider = new SmallProvider(Speaks.Wire, _time);
        provider.Road = (request, answer) => Lost(request, answer, "/dev/chain", "dev_pay");
        await using var stage = await PocketStage.StartAsync(provider, _time);

        var stopped = await stage.StoppedAsync(await stage.BuyAsync());
        stopped.FailureCode.ShouldBe(ClientErrors.PaymentUnknown);
        await stage.RestartAsync();
        await stage.Client.ResumeAsync(stopped.Id);
        (await stage.StoppedAsync(stopped)).FailureCode.ShouldBe(ClientErrors.PaymentUnknown);
        provider.Payments.ShouldBe(1);

        provider.Road = null;
        await stage.Client.ResumeAsync(stopped.OrderId!, provider.LastPayment);
        (await stage.ThroughAsync(stopped)).Content.ShouldNotBeNull();
        provider.Payments.ShouldBe(1);
    }

    [Fact]
    public async Task A_payment_that_never_left_is_made_when_the_road_opens()
    {
        var provider = new SmallProvider(Speaks.Wire, _time);
        var tries = 0;
        provider.Road = (request, answer) => request.Uri.AbsolutePath == "/dev/chain" && IsCall(request, "dev_pay") && tries++ < 3
            ? throw new HttpRequestException(HttpRequestError.ConnectionError, "no route")
            : answer();
        await using var stage = await PocketStage.StartAsync(provider, _time);

        await stage.ThroughAsync(await stage.BuyAsync());

        (tries, provider.Payments).ShouldBe((4, 1));
    }

    [Fact]
    public async Task A_proof_whose_answer_was_lost_counts_although_an_old_provider_refuses_its_repetition()
    {
        var provider = new SmallProvider(Speaks.Flat, _time);
        var lost = false;
        provider.Road = (request, answer) =>
        {
            var response = answer();
            if (lost || request.Uri.AbsolutePath != "/ivxp/deliver" || !response.IsSuccess)
                return response;
            lost = true;
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "broke off");
        };
        await using var stage = await PocketStage.StartAsync(provider, _time);

        (await stage.ThroughAsync(await stage.BuyAsync())).Content.ShouldNotBeNull();

        (lost, provider.Payments).ShouldBe((true, 1));
    }

    [Theory]
    [InlineData(503, "SERVICE_UNAVAILABLE", null)]
    [InlineData(402, "PAYMENT_NOT_VERIFIED", "pending")]
    [InlineData(500, "INTERNAL_ERROR", null)]
    public async Task A_provider_that_cannot_see_the_payment_yet_is_asked_again_and_nothing_is_paid_anew(int status, string code, string? reason)
    {
        var provider = new SmallProvider(Speaks.Workflow, _time);
        var refusals = 0;
        provider.Road = (request, answer) => request.Uri.AbsolutePath.EndsWith("/payment", StringComparison.Ordinal) && refusals++ < 3
            ? Response(status, new JsonObject { ["error"] = code, ["message"] = "the node is away", ["details"] = new JsonObject { ["reason"] = reason } }.ToJsonString())
            : answer();
        await using var stage = await PocketStage.StartAsync(provider, _time);

        await stage.ThroughAsync(await stage.BuyAsync());

        (refusals, provider.Payments).ShouldBe((4, 1));
    }

    [Fact]
    public async Task A_clock_that_is_wrong_is_corrected_by_the_providers()
    {
        var provider = new SmallProvider(Speaks.Workflow, _time) { Ahead = TimeSpan.FromHours(3) };
        await using var stage = await PocketStage.StartAsync(provider, _time);

        (await stage.ThroughAsync(await stage.BuyAsync())).Status.ShouldBe("delivered");
    }

    [Theory]
    [InlineData("price", ClientErrors.PriceTooHigh)]
    [InlineData("token", IvxpErrors.InvalidTokenContract)]
    public async Task A_quote_that_must_not_be_paid_is_not(string what, string code)
    {
        var provider = new SmallProvider(Speaks.Wire, _time)
        {
            Edit = body =>
            {
                if (body["quote"] is JsonObject quote)
                    _ = what == "price" ? quote["price_usdc"] = 5.000001m : quote["token_contract"] = "0x1111111111111111111111111111111111111111";
                return body;
            },
        };
        await using var stage = await PocketStage.StartAsync(provider, _time);

        (await stage.StoppedAsync(await stage.BuyAsync())).FailureCode.ShouldBe(code);
        provider.Payments.ShouldBe(0);
    }

    [Theory]
    [InlineData("hash")]
    [InlineData("seller")]
    [InlineData("order")]
    [InlineData("text")]
    public async Task What_is_not_as_it_was_sold_is_neither_kept_nor_confirmed(string what)
    {
        var provider = new SmallProvider(Speaks.Wire, _time) { Edit = body => body["deliverable"] is null ? body : Forged(body, what) };
        await using var stage = await PocketStage.StartAsync(provider, _time);

        var stopped = await stage.StoppedAsync(await stage.BuyAsync());

        stopped.FailureCode.ShouldBe(ClientErrors.DeliveryUntrusted);
        stopped.Content.ShouldBeNull();
        await Should.ThrowAsync<PosthouseException>(() => stage.Client.ConfirmAsync(stopped.Id));
    }

    [Fact]
    public async Task Resuming_an_order_whose_provider_was_away_tries_at_once()
    {
        var away = true;
        var provider = new SmallProvider(Speaks.Wire, _time)
        {
            Road = (_, answer) => away ? throw new HttpRequestException(HttpRequestError.ConnectionError, "no route") : answer(),
        };
        await using var stage = await PocketStage.StartAsync(provider, _time);
        var begun = await stage.BuyAsync();
        var job = Posthouse.Jobs.JobId.Parse(begun.JobId!);
        await EndOfAsync(() => stage.Jobs.GetAsync(job), found => found!.Gate is Posthouse.Jobs.Gate.Time);

        away = false;
        await stage.Client.ResumeAsync(begun.Id);

        // The clock stands still: only the decision can have opened it.
        await EndOfAsync(() => stage.Client.Book.GetAsync(begun.Id), found => found!.OrderId is not null);

        async Task EndOfAsync<T>(Func<Task<T>> read, Func<T, bool> fits)
        {
            using var net = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            for (var position = await stage.Jobs.LastPositionAsync(); !fits(await read()); position = await stage.Jobs.LastPositionAsync())
                await Task.WhenAny(stage.Jobs.ChangedAsync(position, net.Token), Task.Delay(20, net.Token)).Unwrap();
        }
    }

    [Fact]
    public async Task An_allowance_is_counted_on_disk_and_never_exceeded()
    {
        var provider = new SmallProvider(Speaks.Wire, _time);
        await using var stage = await PocketStage.StartAsync(provider, _time);
        await stage.ThroughAsync(await BuyAsync());
        await stage.RestartAsync();

        (await stage.Client.SpentAsync("agent")).ToString().ShouldBe("5");
        await stage.ThroughAsync(await BuyAsync());
        (await Should.ThrowAsync<PosthouseException>(BuyAsync)).Code.ShouldBe(ClientErrors.AllowanceSpent);

        Task<Purchase> BuyAsync() => stage.Client.BuyAsync(new PurchaseRequest(SmallProvider.Url, "echo", "x", UsdcAmount.FromUnits(5_000_000)) { Account = "agent", Allowance = UsdcAmount.FromUnits(10_000_000) });
    }

    [Fact]
    public async Task An_order_of_a_lost_store_is_taken_up_from_its_transaction()
    {
        var provider = new SmallProvider(Speaks.Wire, _time);
        string order, transaction;
        await using (var first = await PocketStage.StartAsync(provider, _time))
        {
            provider.Road = (request, answer) => request.Uri.AbsolutePath.EndsWith("deliver", StringComparison.Ordinal) ? Response(503, "{}") : answer();
            var paid = await first.UntilAsync(await first.BuyAsync(), now => now.TransactionHash is not null);
            (order, transaction) = (paid.OrderId!, paid.TransactionHash!);
        }

        provider.Road = (request, answer) => request.Uri.AbsolutePath == "/ivxp/catalog"
            ? Response(200, $$"""{"protocol":"IVXP/1.0","provider":"Small","wallet_address":"{{provider.Address}}","services":[]}""") : answer();
        await using var second = await PocketStage.StartAsync(provider, _time);
        var taken = await second.Client.AdoptAsync(SmallProvider.Url, order, transaction, UsdcNetwork.BaseSepolia);
        (await second.ThroughAsync(taken)).Content.ShouldNotBeNull();
        provider.Payments.ShouldBe(1);
    }

    private static ExchangeResponse Lost(ExchangeRequest request, Func<ExchangeResponse> answer, string path, string call)
    {
        var response = answer();
        return request.Uri.AbsolutePath == path && IsCall(request, call) ? throw new HttpRequestException(HttpRequestError.ResponseEnded, "broke off") : response;
    }

    private static bool IsCall(ExchangeRequest request, string method) => Encoding.UTF8.GetString(request.Body.Span).Contains(method, StringComparison.Ordinal);

    private static ExchangeResponse Response(int status, string body) => new(status, new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body));

    private static JsonObject Shouted(JsonObject body)
    {
        if (body["content_hash"] is { } hash)
            body["content_hash"] = "sha256:" + hash.GetValue<string>()["sha256:".Length..].ToUpperInvariant();
        return body;
    }

    private static JsonObject Forged(JsonObject body, string what)
    {
        switch (what)
        {
            case "hash": body["deliverable"]!["content"] = "something else"; break;
            case "seller": body["provider_agent"]!["wallet_address"] = "0x1111111111111111111111111111111111111111"; break;
            case "order": body["order_id"] = "ivxp-00000000-0000-4000-8000-000000000000"; break;
            default:
                body["signature"] = "0x" + new string('1', 130);
                body["signed_message"] = "Order: something";
                break;
        }
        return body;
    }
}
