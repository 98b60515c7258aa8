using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Expiry;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Ivxp.Protocol;
using Posthouse.Storage;
using Posthouse.Tests.Ivxp.Orders;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Ivxp.Receipts;

public sealed class RetentionTests
{
    private static readonly TimeSpan _week = TimeSpan.FromDays(7);

    [Fact]
    public async Task What_nobody_collects_expires_after_a_week_and_downloads_say_why()
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.MadeAsync();
        await stage.SweepAsync();
        stage.Pass(_week - TimeSpan.FromMinutes(2));
        await stage.SweepAsync();
        (await stage.ContentAsync(order.Id)).ShouldNotBeNull();

        stage.Pass(TimeSpan.FromMinutes(5));
        await stage.PassUntilAsync(order.Id, kept => kept.State == OrderState.ExpiredRetention);
        var gone = (await stage.Get<ShowOrder>().DownloadAsync(order.Id, null, default)).Refusal.ShouldNotBeNull();
        (gone.Code, gone.Reason).ShouldBe((IvxpErrors.OrderExpired, "delivery_retention_elapsed"));
        await stage.PassUntilAsync(order.Id, _ => stage.LoggedIds.Contains(2043)); // Said once it is on disk, so a moment later.
        (await stage.CodeAsync(stage.Receipt(order))).ShouldBe(IvxpErrors.InvalidOrderState);
        (await stage.SayAsync(stage.Dispute(order))).Answer!.Status.ShouldBe("disputed");
    }

    [Fact]
    public async Task What_was_collected_loses_its_content_and_keeps_its_state()
    {
        await using var stage = await ProviderStage.StartAsync();
        var delivered = await stage.MadeAsync();
        await stage.Get<ShowOrder>().DownloadedAsync(delivered.Id);
        var confirmed = await stage.MadeAsync();
        await stage.SayAsync(stage.Receipt(confirmed, "5"));
        stage.Pass(_week + TimeSpan.FromMinutes(5));
        await stage.PassUntilAsync(confirmed.Id, order => order.KeptFrom is null);
        await stage.PassUntilAsync(delivered.Id, order => order.KeptFrom is null);

        (await stage.OrderAsync(delivered.Id)).State.ShouldBe(OrderState.Delivered);
        (await stage.OrderAsync(confirmed.Id)).State.ShouldBe(OrderState.ClientConfirmed);
        (await stage.Get<ShowOrder>().DownloadAsync(confirmed.Id, null, default)).Refusal!.Reason.ShouldBe("delivery_retention_elapsed");
        (await stage.SayAsync(stage.Receipt(delivered))).Answer!.OrderStatus.ShouldBe("client_confirmed");
    }

    [Theory]
    [InlineData(30)]
    [InlineData(4000)]
    public async Task A_wall_clock_that_jumps_forward_removes_nothing(int days)
    {
        await using var stage = await ProviderStage.StartAsync();
        var order = await stage.MadeAsync();
        await stage.SweepAsync();
        stage.Time.JumpWallClock(TimeSpan.FromDays(days));
        for (var hour = 0; hour < 24; hour++)
        {
            stage.Pass(TimeSpan.FromHours(1));
            await stage.SweepAsync();
        }
        (await stage.ContentAsync(order.Id)).ShouldNotBeNull();
        (await stage.OrderAsync(order.Id)).State.ShouldBe(OrderState.ReadyForPickup);

        // The week is over by the clock that nobody sets, and the date is past.
        stage.Pass(TimeSpan.FromDays(6) + TimeSpan.FromMinutes(5));
        await stage.PassUntilAsync(order.Id, kept => kept.State == OrderState.ExpiredRetention);
    }

    [Fact]
    public async Task Time_for_which_the_provider_was_down_is_not_counted()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        var first = new RunningTime(stage.Time, new SeededIds(5));
        (await stage.Store.WriteAsync(first.Look)).ShouldBe(TimeSpan.Zero);
        stage.Time.Advance(TimeSpan.FromHours(3));
        (await stage.Store.WriteAsync(first.Look)).ShouldBe(TimeSpan.FromHours(3));

        stage.Time.Advance(TimeSpan.FromDays(30));
        var second = new RunningTime(stage.Time, new SeededIds(6));
        (await stage.Store.WriteAsync(second.Look)).ShouldBe(TimeSpan.FromHours(3));
        stage.Time.Advance(TimeSpan.FromHours(1));
        stage.Time.JumpWallClock(TimeSpan.FromDays(-400));
        (await stage.Store.WriteAsync(second.Look)).ShouldBe(TimeSpan.FromHours(4));

    }

    [Fact]
    public async Task Processes_that_look_in_turn_lose_no_time_and_count_none_twice()
    {
        await using var stage = await ProviderStage.StartAsync(dispatches: false);
        RunningTime[] processes = [new(stage.Time, new SeededIds(5)), new(stage.Time, new SeededIds(6))];
        foreach (var process in processes)
            (await stage.Store.WriteAsync(process.Look)).ShouldBe(TimeSpan.Zero);
        for (var hour = 1; hour < 6; hour++)
        {
            stage.Time.Advance(TimeSpan.FromHours(1));
            (await stage.Store.WriteAsync(processes[hour % 2].Look)).ShouldBe(TimeSpan.FromHours(hour));
            (await stage.Store.WriteAsync(processes[hour % 2].Look)).ShouldBe(TimeSpan.FromHours(hour));
        }
    }

    [Fact]
    public async Task An_archive_holds_the_content_under_its_hash_before_the_row_lets_it_go()
    {
        using var folder = new TempFolder();
        var archive = folder.File("archive");
        await using var stage = await ProviderStage.StartAsync(options => options with { ArchiveDirectory = archive });
        var order = await stage.MadeAsync();
        var content = await stage.ContentAsync(order.Id);
        stage.Pass(_week + TimeSpan.FromMinutes(5));
        await stage.PassUntilAsync(order.Id, kept => kept.State == OrderState.ExpiredRetention);

        var file = Directory.GetFiles(archive).ShouldHaveSingleItem();
        ("sha256:" + Path.GetFileName(file)).ShouldBe(order.ContentHash);
        (await File.ReadAllBytesAsync(file)).ShouldBe(content);
        Durable.IsPrivate(file).ShouldBeTrue();
    }

    [Fact]
    public async Task An_archive_that_cannot_be_written_removes_nothing()
    {
        using var folder = new TempFolder();
        var blocked = folder.File("a file");
        await File.WriteAllTextAsync(blocked, "");
        await using var stage = await ProviderStage.StartAsync(options => options with { ArchiveDirectory = Path.Combine(blocked, "archive") });
        var order = await stage.MadeAsync();
        await stage.SweepAsync();
        stage.Pass(_week + TimeSpan.FromMinutes(5));
        await stage.SweepAsync();

        (await stage.ContentAsync(order.Id)).ShouldNotBeNull();
        stage.LoggedIds.ShouldContain(2044);
    }

    [Fact]
    public async Task One_job_ends_all_quotes_and_one_whose_proof_is_looked_at_gets_more_time()
    {
        await using var stage = await ProviderStage.StartAsync();
        var first = await stage.QuoteAsync();
        var second = await stage.QuoteAsync();
        stage.ChainIsDown = true;
        (await stage.ProveAsync(stage.Proof(second, await stage.PayAsync()))).Refusal!.Code.ShouldBe(IvxpErrors.ServiceUnavailable);
        (await stage.Get<IJobStore>().ListAsync(new JobQuery())).Count(job => job.Name == "ivxp.sweep").ShouldBe(1);

        stage.Pass(IvxpProtocol.Limits.PaymentTimeout + TimeSpan.FromMinutes(2));
        await stage.UntilAsync(first, OrderState.ExpiredQuote);
        await stage.SweepAsync();
        (await stage.OrderAsync(second)).State.ShouldBe(OrderState.Quoted);
    }

    [Fact]
    public async Task More_quotes_than_one_look_ends_are_ended_by_the_next_look_at_once()
    {
        await using var stage = await ProviderStage.StartAsync();
        var quotes = new List<string>();
        for (var i = 0; i < 201; i++)
            quotes.Add(await stage.QuoteAsync());
        stage.Pass(IvxpProtocol.Limits.PaymentTimeout + TimeSpan.FromMinutes(2));
        foreach (var quote in quotes)
            await stage.UntilAsync(quote, OrderState.ExpiredQuote);
    }

    [Theory]
    [InlineData(true, false, 0, 30)]
    [InlineData(true, false, 29, 30)]
    [InlineData(true, false, 31, 31)]
    [InlineData(true, false, 1_000_000, 3600)]
    [InlineData(true, true, 500, 0)]
    [InlineData(false, true, 0, 60)]
    [InlineData(false, false, 500, 60)]
    public void Looks_keep_apart_but_for_one_that_left_something_over(bool isClean, bool isMoreDue, int next, int expected) =>
        SweepOrdersHandler.Wait(isClean, isMoreDue, TimeSpan.FromSeconds(next)).ShouldBe(TimeSpan.FromSeconds(expected));
}
