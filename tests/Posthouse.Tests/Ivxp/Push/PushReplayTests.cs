using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Pushes;
using Posthouse.Storage;
using Posthouse.Tests.Ivxp.Orders;

namespace Posthouse.Tests.Ivxp.Push;

public sealed class PushReplayTests
{
    [Fact]
    public async Task A_replay_is_a_new_round_under_the_old_delivery_id_and_the_scheduled_one_ends()
    {
        await using var stage = await ProviderStage.StartAsync();
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        var away = await stage.UntilAsync(id, OrderState.ReadyForPickup);
        stage.Inbox.Answer = () => InboxWire.Response(200);

        (await ReplayAsync(stage, id)).ShouldNotBeNull();

        var posted = await stage.UntilAsync(id, OrderState.Posted);
        (posted.PushAttempts, posted.Push, posted.PushJob != away.PushJob).ShouldBe((2, PushState.Succeeded, true));
        stage.Inbox.Received.Select(push => push.Headers[0].Value).Distinct().ShouldHaveSingleItem();
        stage.Inbox.Received.Select(push => push.Headers[1].Value).ShouldBe(["1", "2"]);
        (await stage.HistoryAsync(id)).ShouldContain("redelivered_by_push>ready");

        // The first round's job comes due and finds nothing to do.
        var jobs = stage.Get<IJobStore>();
        stage.Pass(TimeSpan.FromMinutes(2));
        using var net = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        for (var position = await jobs.LastPositionAsync(); (await jobs.GetAsync(Posthouse.Jobs.JobId.Parse(away.PushJob!)))!.State is not Posthouse.Jobs.JobState.Done; position = await jobs.LastPositionAsync())
            await jobs.ChangedAsync(position, net.Token);
        stage.Inbox.Received.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_round_that_was_replaced_while_it_waited_pushes_no_more()
    {
        await using var stage = await ProviderStage.StartAsync();
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        await stage.UntilAsync(id, order => order.PushAttempts == 1);
        await ReplayAsync(stage, id);
        await stage.UntilAsync(id, order => order.PushAttempts == 2 && order.State is OrderState.ReadyForPickup);
        stage.Inbox.Answer = () => InboxWire.Response(200);
        await stage.PassUntilAsync(id, order => order.State is OrderState.Posted);
        stage.Inbox.Received.Count.ShouldBe(3);
    }

    [Fact]
    public async Task What_was_exhausted_disabled_or_posted_is_pushed_again_and_what_is_under_way_or_has_no_endpoint_is_not()
    {
        await using var stage = await ProviderStage.StartAsync();
        stage.Inbox.Answer = () => InboxWire.Response(410);
        var gone = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        (await stage.UntilAsync(gone, OrderState.ReadyForPickup)).Push.ShouldBe(PushState.Disabled);
        stage.Inbox.Answer = () => InboxWire.Response(200);
        (await ReplayAsync(stage, gone)).ShouldNotBeNull();
        await stage.UntilAsync(gone, OrderState.Posted);
        (await ReplayAsync(stage, gone)).ShouldNotBeNull();
        await stage.UntilAsync(gone, order => order.PushAttempts == 3);

        var none = await stage.BuyAsync();
        await stage.UntilAsync(none, OrderState.ReadyForPickup);
        (await ReplayAsync(stage, none)).ShouldBeNull();
    }

    private static Task<Order?> ReplayAsync(ProviderStage stage, string id) =>
        stage.Get<OrderBook>().WriteAsync(write => Redelivery.Begin(write, id, TimeSpan.FromDays(7), OrderActor.Operator, "replay").Answer);
}
