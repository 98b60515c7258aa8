using Posthouse.Connectivity;
using Posthouse.Ivxp.Client;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Signing;
using Posthouse.Tests.AspNetCore.Ivxp;

namespace Posthouse.Tests.Ivxp.Client;

public sealed class ProviderClientTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_endpoint_that_only_the_proof_names_reaches_the_provider_although_not_every_dialect_can_say_it(bool hasAskedBefore)
    {
        await using var site = await ProviderSite.StartAsync();
        var client = new ProviderClient(site.Get<IExchange>(), new Uri("http://localhost/"), TimeProvider.System, Secp256k1.Best);
        var quote = await client.QuoteAsync(new ClientAgent("test", site.Buyer.Address.ToString()), new RequestedWork("text_echo", "hello", UsdcAmount.FromUnits(5_000_000)));
        if (hasAskedBefore)
            (await client.StatusAsync(quote.OrderId)).Status.ShouldBe("quoted");

        await client.ProveAsync(site.Buyer, quote.OrderId, quote.Quote.Network, await site.PayAsync(), "http://client.example/inbox");

        (await site.Get<OrderBook>().FindAsync(quote.OrderId)).ShouldNotBeNull().DeliveryEndpoint.ShouldBe("http://client.example/inbox");
    }
}
