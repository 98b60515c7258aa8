using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Orders.Showing;
using Posthouse.Storage;
using Posthouse.Tests.Ivxp.Receipts;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Ivxp.Orders;

/// <summary>A provider whose results lie in a folder.</summary>
public sealed class ResultFilesTests : IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();

    public ResultFilesTests() => Directory.CreateDirectory(Results);

    private string Results => _folder.File("results");

    private string[] Kept => Directory.GetFiles(Results, "*", SearchOption.AllDirectories);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_result_is_in_the_folder_before_it_is_ready_and_goes_when_its_time_is_over()
    {
        await using var stage = await StartAsync();
        var order = await stage.MadeAsync();
        (await stage.ContentAsync(order.Id)).ShouldBeNull();
        Kept.ShouldHaveSingleItem().ShouldContain($"/{order.Id}/delivery-");
        (await stage.Get<OrderBook>().FindWithHeadAsync(order.Id)).Head!.Content.ShouldNotBeNull();
        (await stage.Get<ShowOrder>().DownloadAsync(order.Id, null, default)).Answer!.Content!.AsSpan().IndexOf("hello"u8).ShouldBePositive();

        stage.Pass(TimeSpan.FromDays(7) + TimeSpan.FromMinutes(5));
        await stage.PassUntilAsync(order.Id, kept => kept.State == OrderState.ExpiredRetention);
        (await stage.Get<ShowOrder>().DownloadAsync(order.Id, null, default)).Refusal!.Reason.ShouldBe("delivery_retention_elapsed");
        await stage.PassUntilAsync(order.Id, _ => stage.LoggedIds.Contains(2043));
        Directory.GetDirectories(Results, "ivxp-*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task Paid_work_waits_for_a_folder_that_is_away_and_is_not_failed_for_it()
    {
        await using var stage = await StartAsync();
        Directory.Move(Results, _folder.File("elsewhere"));
        var id = await stage.BuyAsync();
        for (var minutes = 0; minutes < 20; minutes++)
        {
            var seen = minutes;
            await stage.PassUntilAsync(id, _ => stage.LoggedIds.Count(logged => logged == 2067) > seen);
        }

        (await stage.OrderAsync(id)).State.ShouldBe(OrderState.Paid);
        Directory.Exists(Results).ShouldBeFalse();
        Directory.Move(_folder.File("elsewhere"), Results);
        await stage.PassUntilAsync(id, order => order.State == OrderState.ReadyForPickup);
        Kept.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_result_that_is_away_or_damaged_is_not_taken_for_none()
    {
        await using var stage = await StartAsync();
        var order = await stage.MadeAsync();
        Directory.Move(Results, _folder.File("elsewhere"));
        (await Should.ThrowAsync<PosthouseException>(() => stage.Get<ShowOrder>().DownloadAsync(order.Id, null, default))).Code.ShouldBe(ErrorCodes.StoreUnavailable);
        Directory.Move(_folder.File("elsewhere"), Results);
        (await stage.Get<ShowOrder>().DownloadAsync(order.Id, null, default)).Refusal.ShouldBeNull();

        File.AppendAllText(Kept[0], " ");
        (await Should.ThrowAsync<PosthouseException>(() => stage.Get<ShowOrder>().DownloadAsync(order.Id, null, default))).Code.ShouldBe(ErrorCodes.FileDamaged);
        File.Delete(Kept[0]);
        (await Should.ThrowAsync<PosthouseException>(() => stage.Get<ShowOrder>().DownloadAsync(order.Id, null, default))).Code.ShouldBe(ErrorCodes.FileDamaged);
    }

    [Fact]
    public async Task A_push_sends_what_the_folder_keeps()
    {
        await using var stage = await StartAsync();
        stage.Inbox.Answer = () => InboxWire.Response(200);
        var id = await stage.BuyAsync(endpoint: ProviderStage.Endpoint);
        await stage.UntilAsync(id, OrderState.Posted);
        stage.Inbox.Received.ShouldHaveSingleItem().Body.Span.IndexOf("hello"u8).ShouldBePositive();
        Kept.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_result_and_the_folders_above_it_are_for_this_user_alone()
    {
        await using var stage = await StartAsync();
        await stage.MadeAsync();
        Kept.ShouldHaveSingleItem();
        Directory.GetFileSystemEntries(Results, "*", SearchOption.AllDirectories).Length.ShouldBe(3);
        Directory.GetFileSystemEntries(Results, "*", SearchOption.AllDirectories).ShouldAllBe(path => Durable.IsPrivate(path));
    }

    [Fact]
    public async Task A_damaged_result_that_should_be_archived_stays_and_the_others_are_archived()
    {
        var archive = _folder.File("archive");
        await using var stage = await ProviderStage.StartAsync(options => options with { ResultDirectory = Results, ArchiveDirectory = archive });
        var damaged = await stage.MadeAsync();
        File.AppendAllText(Kept[0], " ");
        var sound = await stage.MadeAsync();
        stage.Pass(TimeSpan.FromDays(7) + TimeSpan.FromMinutes(5));

        await stage.PassUntilAsync(sound.Id, kept => kept.State == OrderState.ExpiredRetention);
        (await stage.OrderAsync(damaged.Id)).State.ShouldBe(OrderState.ReadyForPickup);
        stage.LoggedIds.ShouldContain(2044);
        Directory.GetFiles(archive).ShouldHaveSingleItem();
        Kept.ShouldContain(file => file.Contains(damaged.Id, StringComparison.Ordinal));
    }

    private Task<ProviderStage> StartAsync() => ProviderStage.StartAsync(options => options with { ResultDirectory = Results });
}
