using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Services;

namespace Posthouse.Tests.AspNetCore.Ivxp;

public sealed class DownloadTrapTests
{
    // Far above what a connection takes before its reader reads.
    private const int ContentLength = 900_000;

    [Fact]
    public async Task A_download_that_broke_off_delivers_nothing()
    {
        await using var site = await ProviderSite.StartAsync(options => options with { Services = [new ServiceOffer("book", UsdcAmount.FromUnits(5_000_000), new Author())] });
        var id = await site.QuoteAsync("book", "IVXP/1.1");
        (await site.DeliverAsync(id, await site.PayAsync())).Status.ShouldBe(200);
        await site.UntilAsync($"/ivxp/status/{id}", "ready_for_pickup");

        using (var broken = await site.Http.GetAsync($"/ivxp/download/{id}", HttpCompletionOption.ResponseHeadersRead))
        {
            await using var body = await broken.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[100]);
        }
        (await site.Get<OrderBook>().FindAsync(id)).ShouldNotBeNull().State.ShouldBe(OrderState.ReadyForPickup);

        (await site.SendAsync("GET", $"/ivxp/download/{id}")).Status.ShouldBe(200);
        (await site.Get<OrderBook>().FindAsync(id)).ShouldNotBeNull().State.ShouldBe(OrderState.Delivered);
    }

    private sealed class Author : IServiceHandler
    {
        public Task<Deliverable> WorkAsync(ServiceWork work, CancellationToken cancellationToken) =>
            Task.FromResult(new Deliverable(work.ServiceType, ContentText.Of(("text", new string('x', ContentLength))), "json"));
    }
}
