using System.Text;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol;

namespace Posthouse.Tests.Ivxp.Orders;

/// <summary>An order's events under a clock that the test moves.</summary>
public sealed class StreamOrderTests
{
    private const string Url = "http://provider.example/result";

    [Fact]
    public async Task Silence_is_broken_by_comments_until_there_is_news()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var order = await stage.QuoteAsync(protocol: IvxpProtocol.Version10);
        await using var frames = Frames(stage, order);
        (await NextAsync(frames)).ShouldBe(": order stream\n\n");
        (await NextAsync(frames)).ShouldContain("\"quoted\"");

        var before = stage.Time.PendingTimers;
        var next = NextAsync(frames);
        while (!next.IsCompleted)
        {
            if (stage.Time.PendingTimers > before)
                stage.Time.Advance(StreamOrder.Heartbeat);
            await Task.Yield();
        }
        (await next).ShouldBe(": still here\n\n");
        await stage.ProveAsync(stage.Proof(order, await stage.PayAsync()));
        (await NextAsync(frames)).ShouldBe($"event: status_update\ndata: {{\"orderId\":\"{order}\",\"status\":\"paid\"}}\n\n");
    }

    [Fact]
    public async Task Progress_of_the_work_is_passed_on()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var order = await stage.BuyAsync();
        await using var frames = Frames(stage, order);
        await NextAsync(frames);
        await NextAsync(frames);
        stage.Get<OrderFeed>().Report(order, 0.5, "reading");
        (await NextAsync(frames)).ShouldBe($"event: progress\ndata: {{\"orderId\":\"{order}\",\"progress\":0.5,\"message\":\"reading\"}}\n\n");
        stage.Get<OrderFeed>().Report(order, double.NaN, null);
        (await NextAsync(frames)).ShouldContain("\"progress\":0}");
    }

    [Fact]
    public async Task A_result_is_complete_only_when_it_waits_for_pickup_and_not_while_its_first_push_runs()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.BuyAsync(endpoint: ProviderStage.Endpoint, protocol: IvxpProtocol.Version10);
        var text = await AllAsync(Frames(stage, order));
        text.ShouldEndWith($"event: completed\ndata: {{\"orderId\":\"{order}\",\"deliverableUrl\":\"{Url}\"}}\n\n");
        (await stage.OrderAsync(order)).State.ShouldBe(OrderState.ReadyForPickup);
        text.ShouldContain("\"status\":\"delivered\"");
        text.ShouldNotContain("ready");
    }

    [Fact]
    public async Task Work_that_failed_for_good_and_a_quote_that_ran_out_end_with_a_class_and_no_more()
    {
        await using var stage = await ProviderStage.StartAsync();
        var broken = await stage.BuyAsync("broken", "1");
        await stage.PassUntilAsync(broken, order => order.State == OrderState.DeliveryFailed);
        (await AllAsync(Frames(stage, broken))).ShouldEndWith($"event: failed\ndata: {{\"orderId\":\"{broken}\",\"reason\":\"work_failed\"}}\n\n");

        var unpaid = await stage.QuoteAsync();
        await stage.PassUntilAsync(unpaid, order => order.State == OrderState.ExpiredQuote);
        (await AllAsync(Frames(stage, unpaid))).ShouldEndWith("\"reason\":\"quote_elapsed\"}\n\n");
    }

    [Fact]
    public async Task A_look_at_the_state_does_not_read_the_content()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.BuyAsync();
        await stage.UntilAsync(order, OrderState.ReadyForPickup);
        // Text where bytes belong: whoever reads it fails.
        await stage.Store.WriteAsync(write => write.Execute("UPDATE ivxp_deliverable SET content = 'no bytes' WHERE order_id = $1", order));
        (await Record.ExceptionAsync(() => stage.Get<ShowOrder>().DownloadAsync(order, null, default))).ShouldNotBeNull();

        (await stage.Get<ShowOrder>().StatusAsync(order, null)).Answer!.Message.StatusV11.ShouldBe("ready_for_pickup");
        (await AllAsync(Frames(stage, order))).ShouldContain("event: completed");
    }

    [Fact]
    public async Task Fifty_readers_of_one_order_all_hear_of_its_end()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.QuoteAsync();
        var readers = Enumerable.Range(0, 50).Select(_ => AllAsync(Frames(stage, order))).ToList();
        await stage.ProveAsync(stage.Proof(order, await stage.PayAsync()));
        foreach (var text in await Task.WhenAll(readers).WaitAsync(TimeSpan.FromSeconds(30)))
            text.ShouldContain("event: completed");
    }

    private static IAsyncEnumerator<byte[]> Frames(ProviderStage stage, string order) =>
        stage.Get<StreamOrder>().FramesAsync(order, null, Url, CancellationToken.None).GetAsyncEnumerator();

    private static async Task<string> NextAsync(IAsyncEnumerator<byte[]> frames)
    {
        (await frames.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();
        return Encoding.UTF8.GetString(frames.Current);
    }

    private static async Task<string> AllAsync(IAsyncEnumerator<byte[]> frames)
    {
        var text = new StringBuilder();
        await using (frames)
        {
            while (await frames.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)))
                text.Append(Encoding.UTF8.GetString(frames.Current));
        }
        return text.ToString();
    }
}
