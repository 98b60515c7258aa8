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
}
