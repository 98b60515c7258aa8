using System.Text.Json.Nodes;

namespace Posthouse.Tests.AspNetCore.Ivxp;

/// <summary>Members of the right name with values that the protocol does not know.</summary>
public sealed class WrittenOddlyTests
{
    [Theory]
    [InlineData("5")]
    [InlineData("{}")]
    [InlineData("""["http://client.example/"]""")]
    [InlineData("""
        "\ud800"
        """)]
    public async Task An_endpoint_that_is_no_text_does_not_refuse_a_paid_order(string endpoint)
    {
        await using var site = await ProviderSite.StartAsync();
        var order = await site.QuoteAsync();
        var (transaction, timestamp) = (await site.PayAsync(), ProviderSite.Now());
        var text = $"Order: {order} | Payment: {transaction} | Timestamp: {timestamp}";
        var body = $$"""
            {"protocol":"IVXP/1.0","message_type":"delivery_request","timestamp":"{{timestamp}}","order_id":"{{order}}","delivery_endpoint":{{endpoint}},
             "payment_proof":{"tx_hash":"{{transaction}}","from_address":"{{site.Buyer.Address}}","network":"base-sepolia"},
             "signature":"{{site.Sign(text)}}","signed_message":"{{text}}"}
            """;
        (await site.SendAsync("POST", "/ivxp/deliver", body)).Text("status").ShouldBe("accepted");
        await site.UntilAsync($"/ivxp/status/{order}", "delivered");
    }

    [Theory]
    [InlineData("delivery_format", "pdf", 400)]
    [InlineData("delivery_format", "", 400)]
    [InlineData("delivery_format", "markdown", 200)]
    [InlineData("deadline", "tomorrow", 400)]
    [InlineData("deadline", "2026-02-30T12:00:00Z", 400)]
    [InlineData("deadline", "2030-02-05T12:00:00+01:00", 200)]
    public async Task A_wish_that_nobody_can_read_is_refused_before_it_is_paid_for(string name, string value, int status)
    {
        await using var site = await ProviderSite.StartAsync();
        var wish = new JsonObject { ["type"] = "text_echo", ["description"] = "x", ["budget_usdc"] = 50, [name] = value };
        var answer = await site.SendAsync("POST", "/ivxp/request", new JsonObject
        {
            ["protocol"] = "IVXP/1.0",
            ["message_type"] = "service_request",
            ["timestamp"] = ProviderSite.Now(),
            ["client_agent"] = new JsonObject { ["name"] = "test", ["wallet_address"] = site.Buyer.Address.ToString() },
            ["service_request"] = wish,
        });
        answer.Status.ShouldBe(status, answer.Body.ToString());
        if (status == 400)
            (answer.Code, answer.Body.GetProperty("details").GetProperty("reason").GetString()).ShouldBe(("INVALID_REQUEST", name));
    }

    [Fact]
    public async Task The_end_of_a_quote_is_not_shown_as_the_end_of_what_was_paid_for()
    {
        await using var site = await ProviderSite.StartAsync();
        var order = await site.QuoteAsync("broken");
        (await site.SendAsync("GET", $"/ivxp/status/{order}")).Body.GetProperty("status_details").TryGetProperty("expires_at", out _).ShouldBeTrue();
        (await site.DeliverAsync(order, await site.PayAsync("1"))).Status.ShouldBe(200);
        (await site.SendAsync("GET", $"/ivxp/status/{order}")).Body.GetProperty("status_details").TryGetProperty("expires_at", out _).ShouldBeFalse();
    }
}
