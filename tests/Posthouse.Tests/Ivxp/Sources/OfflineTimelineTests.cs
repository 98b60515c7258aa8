using System.Globalization;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol;
using Posthouse.Ivxp.Protocol.Messages;
using Posthouse.Ivxp.Services;
using Posthouse.Storage;
using Posthouse.Tests.Ivxp.Orders;
using Posthouse.Tests.Ivxp.Receipts;

namespace Posthouse.Tests.Ivxp.Sources;

/// <summary>The timeline of the first source document, at its own times. <c>posthouse demo</c> plays it with real processes.</summary>
public sealed class OfflineTimelineTests
{
    [Fact]
    public async Task A_client_that_is_away_for_two_hours_collects_what_it_paid_for()
    {
        var work = new Work();
        AwayWire? client = null;
        await using var stage = await ProviderStage.StartAsync(
            options => options with { Services = [new ServiceOffer("research", UsdcAmount.FromUnits(50_000_000), work)] },
            exchanges: wires => wires with { Push = new ExchangeTo(() => client!) });
        client = new AwayWire(stage.Time);
        var began = stage.Time.GetUtcNow();
        void At(string instant) => stage.Pass(began + Span(instant) - stage.Time.GetUtcNow());
        string Stamp(string instant) => WireTime.Write(began + Span(instant));
        async Task<OrderStatus> StatusAsync(string order) => (await stage.Get<ShowOrder>().StatusAsync(order, null)).Answer!.Message;

        var id = await stage.QuoteAsync("research");
        At("0:00:05");
        (await StatusAsync(id)).Status.ShouldBe("quoted");

        At("0:00:30");
        var payment = await stage.PayAsync("50");
        At("0:00:35");
        (await stage.ProveAsync(stage.Proof(id, payment, ProviderStage.Endpoint))).Refusal.ShouldBeNull();
        await work.Begun;
        (await StatusAsync(id)).Status.ShouldBe("processing");

        At("0:02:00");
        work.End();
        await client.BegunAsync();
        var pushed = await StatusAsync(id);
        (pushed.Status, pushed.StatusDetails!.ReadyAt).ShouldBe(("ready", Stamp("0:02:00")), "the result is kept before the push, and not after it");
        At("0:02:29");
        (await StatusAsync(id)).Status.ShouldBe("ready");
        At("0:02:31");
        await stage.UntilAsync(id, OrderState.ReadyForPickup);

        // Away. The pushes after 1, 5, 15 and 60 minutes find nobody either.
        for (var push = 2; push <= 5; push++)
        {
            await stage.ToNextPushAsync(id);
            await client.BegunAsync();
            stage.Pass(TimeSpan.FromSeconds(30));
            await stage.UntilAsync(id, order => order.PushAttempts == push);
        }
        stage.Time.GetUtcNow().ShouldBeLessThan(began + Span("2:00:00"));
        At("2:00:05");
        var back = await StatusAsync(id);
        (back.Status, back.StatusDetails!.DeliveryAttempts, back.StatusDetails.LastError).ShouldBe(("ready_for_pickup", 5, "timeout"));

        At("2:00:10");
        (await stage.Get<ShowOrder>().DownloadAsync(id, null, default)).Answer!.Content.ShouldNotBeNull();
        await stage.Get<ShowOrder>().DownloadedAsync(id);
        (await StatusAsync(id)).Status.ShouldBe("delivered");

        At("2:00:15");
        (await stage.SayAsync(stage.Receipt(await stage.OrderAsync(id), "5"))).Answer!.Status.ShouldBe("confirmed");
        At("2:00:16");
        var ended = await StatusAsync(id);
        var times = ended.StatusDetails!;
        (ended.Status, ended.ClientSatisfaction).ShouldBe(("client_confirmed", 5));
        (times.CreatedAt, times.PaidAt, times.ProcessingAt, times.CompletedAt).ShouldBe((Stamp("0:00:00"), Stamp("0:00:35"), Stamp("0:00:35"), Stamp("0:02:00")));
        (times.ReadyAt, times.DeliveredAt, times.ConfirmedAt).ShouldBe((Stamp("0:02:00"), Stamp("2:00:10"), Stamp("2:00:15")));
        (await stage.HistoryAsync(id)).Distinct().ShouldBe([
            "requested>quoted", "payment_verified>paid", "work_started>processing", "stored_for_push>ready",
            "push_failed>ready_for_pickup", "downloaded>delivered", "receipt_signed>client_confirmed"]);

        // Nobody is pushed to any more.
        stage.Pass(TimeSpan.FromDays(2));
        await stage.SweepAsync();
        (await stage.OrderAsync(id)).PushAttempts.ShouldBe(5);
    }

    private static TimeSpan Span(string instant) => TimeSpan.Parse(instant, CultureInfo.InvariantCulture);

    /// <summary>Work that takes as long as the test says.</summary>
    private sealed class Work : IServiceHandler
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task.WaitAsync(TimeSpan.FromSeconds(30));

        public void End() => _ended.SetResult();

        public async Task<Deliverable> WorkAsync(ServiceWork work, CancellationToken cancellationToken)
        {
            _begun.SetResult();
            await _ended.Task.WaitAsync(cancellationToken);
            return new Deliverable(work.ServiceType, ContentText.Of(("title", "Offline clients"), ("body", "A long paper.")), "markdown");
        }
    }
}
