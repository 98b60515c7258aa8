using System.Text;
using Posthouse.Ivxp.Hosting;

namespace Posthouse.Tests.AspNetCore.Ivxp;

public sealed class StreamEndpointTests
{
    [Fact]
    public async Task A_stream_leads_from_the_present_state_to_the_result_and_ends()
    {
        await using var site = await ProviderSite.StartAsync();
        var order = await site.QuoteAsync();
        using var stream = await site.Http.GetAsync($"/ivxp/stream/{order}", HttpCompletionOption.ResponseHeadersRead);
        stream.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        var reading = stream.Content.ReadAsStringAsync();

        (await site.DeliverAsync(order, await site.PayAsync(), endpoint: "http://127.0.0.1:1/")).Status.ShouldBe(200);

        var text = await reading.WaitAsync(TimeSpan.FromSeconds(30));
        text.ShouldNotContain("\r");
        text.ShouldStartWith($": order stream\n\nevent: status_update\ndata: {{\"orderId\":\"{order}\",\"status\":\"quoted\"}}\n\n");
        text.ShouldEndWith($"event: completed\ndata: {{\"orderId\":\"{order}\",\"deliverableUrl\":\"http://localhost/ivxp/orders/{order}/deliverable\"}}\n\n");
    }

    [Fact]
    public async Task Whoever_comes_late_hears_the_end_at_once()
    {
        await using var site = await ProviderSite.StartAsync();
        var order = await site.QuoteAsync();
        await site.DeliverAsync(order, await site.PayAsync(), endpoint: "http://127.0.0.1:1/");
        await site.UntilAsync($"/ivxp/orders/{order}", "delivered");

        var text = await site.Http.GetStringAsync($"/ivxp/stream/{order}");

        text.Split("\n\n").Select(frame => frame.Split('\n')[0]).ShouldBe([": order stream", "event: status_update", "event: completed", ""]);
    }

    [Fact]
    public async Task Streams_have_an_end_to_their_number_and_a_place_is_given_back()
    {
        await using var site = await ProviderSite.StartAsync(options => options with { Limits = new LimitOptions { OpenStreamsPerClient = 1 } });
        var order = await site.QuoteAsync();
        using (var first = await site.Http.GetAsync($"/ivxp/stream/{order}", HttpCompletionOption.ResponseHeadersRead))
        {
            await using var body = await first.Content.ReadAsStreamAsync();
            (await body.ReadAtLeastAsync(new byte[16], 16)).ShouldBe(16);
            var second = await site.SendAsync("GET", $"/ivxp/stream/{order}");
            (second.Status, second.Code).ShouldBe((429, "RATE_LIMITED"));
            second.Header("Retry-After").ShouldBe("30");
            (await site.DeliverAsync(order, await site.PayAsync(), endpoint: "http://127.0.0.1:1/")).Status.ShouldBe(200);
            using var rest = new StreamReader(body, Encoding.UTF8);
            (await rest.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30))).ShouldContain("event: completed");
        }
        (await site.Http.GetStringAsync($"/ivxp/stream/{order}")).ShouldContain("event: completed");
    }
}
