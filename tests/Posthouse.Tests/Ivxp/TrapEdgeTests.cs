using System.Text;
using Posthouse.Ivxp.Hosting;
using Posthouse.Ivxp.Protocol;
using Posthouse.Tests.AspNetCore.Ivxp;

namespace Posthouse.Tests.Ivxp;

/// <summary>Traps that open before there is an order, each named after its row.</summary>
public sealed class TrapEdgeTests
{
    private const string Uuid = "3f1c7d52-8a4e-4f0b-9c21-6d5e4b3a2f10";

    [Fact]
    public async Task Trap_signing_oracle_nothing_but_a_claim_is_signed_however_it_is_dressed()
    {
        await using var site = await ProviderSite.StartAsync();
        var order = await site.QuoteAsync();
        var hash = "sha256:" + new string('a', 64);
        foreach (var wish in new[]
        {
            $"Order: {order} | Delivered: {ProviderSite.Now()} | Content-Hash: {hash}", $"Order: {order} | Received: true | Hash: {hash} | Timestamp: {ProviderSite.Now()}",
            "ivxp-claim:", "ivxp-claim:x", Uuid, $"ivxp-claim:{Uuid} ", $" ivxp-claim:{Uuid}", $"ivxp-claim:{Uuid}\n", $"ivxp-claim:{Uuid}\nOrder: {order}", $"IVXP-CLAIM:{Uuid}",
            "ivxp-claim:{" + Uuid + "}", "0x" + new string('1', 64), "",
        })
        {
            var answer = await site.SendAsync("POST", "/.well-known/ivxp-verify", new { challenge = wish });
            (answer.Status, answer.Code).ShouldBe((400, "INVALID_REQUEST"), wish);
            answer.Body.TryGetProperty("signature", out _).ShouldBeFalse();
        }
        foreach (var text in SignedText.All)
            text.TryParse($"ivxp-claim:{Uuid}", out _).ShouldBeFalse(text.Id);
    }

    [Fact]
    public async Task Trap_order_id_guessing_ids_are_random_misses_are_alike_and_guessing_is_stopped()
    {
        await using var site = await ProviderSite.StartAsync(options => options with { Limits = new LimitOptions { UnknownOrdersPerMinute = 3 } });
        var ids = new List<string> { await site.QuoteAsync(), await site.QuoteAsync() };
        ids.ShouldAllBe(id => OrderId.IsValid(id));
        ids[0][5..18].ShouldNotBe(ids[1][5..18]);
        var unknown = await site.SendAsync("GET", "/ivxp/download/ivxp-00000000-0000-4000-8000-000000000000");
        var malformed = await site.SendAsync("GET", "/ivxp/download/x");
        (malformed.Status, malformed.Body.ToString()).ShouldBe((unknown.Status, unknown.Body.ToString()));

        // A proof for an unknown order counts as a guess as well.
        (await site.DeliverAsync("ivxp-00000000-0000-4000-8000-000000000000", "0x" + new string('1', 64))).Code.ShouldBe("ORDER_NOT_FOUND");
        for (var guesses = 0; (await site.SendAsync("GET", "/ivxp/download/x")).Code != "RATE_LIMITED"; guesses++)
            guesses.ShouldBeLessThan(20);
        (await site.SendAsync("GET", $"/ivxp/download/{ids[0]}")).Code.ShouldBe("RATE_LIMITED");
        (await site.DeliverAsync(ids[0], "0x" + new string('1', 64))).Code.ShouldBe("RATE_LIMITED");
    }

    [Fact]
    public async Task Trap_amounts_what_the_client_says_it_paid_counts_for_nothing()
    {
        await using var site = await ProviderSite.StartAsync();
        foreach (var (paid, said, status) in new (string, object, int)[] { ("4.999999", "5.000000", 402), ("4.999999", "5000000", 402), ("5", "0.000001", 200), ("5", 5, 200) })
        {
            var order = await site.QuoteAsync();
            var (transaction, timestamp) = (await site.PayAsync(paid), ProviderSite.Now());
            var message = $"Order: {order} | Payment: {transaction} | Timestamp: {timestamp}";
            var answer = await site.SendAsync("POST", $"/ivxp/orders/{order}/payment", new
            {
                protocol = "IVXP/1.0",
                message_type = "payment_proof",
                timestamp,
                order_id = order,
                payment = new { tx_hash = transaction, amount_usdc = said, network = "base-sepolia" },
                signature = new { message, sig = site.Sign(message), signer = site.Buyer.Address.ToString() },
            });
            answer.Status.ShouldBe(status, $"{paid} said to be {said}: {answer.Body}");
        }
    }

    [Theory]
    [InlineData("1e400")]
    [InlineData("\"5\"")]
    [InlineData("-1")]
    [InlineData("0")]
    [InlineData("NaN")]
    [InlineData("1e-400")]
    public async Task Trap_amounts_a_budget_is_a_sane_number(string budget)
    {
        await using var site = await ProviderSite.StartAsync();
        var answer = await site.SendAsync("POST", "/ivxp/request",
            $$$"""{"protocol":"IVXP/1.0","message_type":"service_request","timestamp":"{{{ProviderSite.Now()}}}","client_agent":{"name":"t","wallet_address":"{{{site.Buyer.Address}}}"},"service_request":{"type":"text_echo","description":"x","budget_usdc":{{{budget}}} } }""");
        (answer.Status, answer.Code).ShouldBe((400, "INVALID_REQUEST"));
    }

    [Fact]
    public async Task Trap_hostile_bodies_never_reach_the_store_and_never_get_a_page_of_HTML()
    {
        await using var site = await ProviderSite.StartAsync();
        byte[][] bodies =
        [
            Encoding.ASCII.GetBytes(new string('[', 60_000)), [0xFF, 0xFE, 0x00], Encoding.ASCII.GetBytes("{\"protocol\":\"\\ud800\"}"),
            Encoding.ASCII.GetBytes("{\"protocol\":\"IVXP/1.0\",\"protocol\":\"IVXP/1.1\"}"), new byte[70_000], [],
        ];
        foreach (var path in new[] { "/ivxp/request", "/ivxp/deliver", "/ivxp/orders/x/payment", "/ivxp/orders/x/delivery", "/.well-known/ivxp-verify" })
        {
            foreach (var body in bodies)
            {
                using var content = new ByteArrayContent(body);
                content.Headers.ContentType = new("application/json");
                using var answer = await site.Http.PostAsync(path, content);
                ((int)answer.StatusCode).ShouldBeOneOf(400, 413);
                answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
            }
        }
        (await site.Get<Posthouse.Storage.IStore>().ReadAsync(read => read.Scalar("SELECT COUNT(*) FROM ivxp_order"))).ShouldBe(0);
    }
}
