using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>An acquire that waits in the queue for another's lock keeps nobody else waiting.</summary>
public sealed class WaitingInQueueTests : IDisposable
{
    /// <summary>Much longer than a try takes, and much shorter than a sync may.</summary>
    private static readonly TimeSpan _soon = TimeSpan.FromSeconds(8);

    private readonly ProjectStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task A_sync_looks_once_says_who_has_the_lock_and_sends_the_rest()
    {
        await using var site = await QueuedAsync(new PullCommits(ProjectStage.Clone, "main"));
        List<SyncNews> news = [];
        var run = new SyncRun(site.Services, TimeProvider.System, (what, _, _, _) => { lock (news) { news.Add(what); } });
        var began = TimeProvider.System.GetTimestamp();

        await run.RunAsync([new KnownProject(ProjectStage.Clone, "", "origin", "", default)], TimeSpan.FromSeconds(60), awaitsDue: false, default);

        TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(_soon);
        (run.Succeeded, run.Failed.Count, run.Waits).ShouldBe((1, 0, true));
        news.Count(what => what is SyncNews.Waits).ShouldBe(1);
        var row = (await site.Jobs.ListAsync(new Posthouse.Storage.JobQuery())).Single(job => job.Name == "vcs.acquire");
        Queue(site).StateOf(row, TimeProvider.System.GetUtcNow()).ShouldStartWith("Waits: eve@laptop (John) has the lock until 2170-01-01 01:00:00Z; each sync looks");
    }

    [Fact]
    public async Task A_kind_that_a_sync_leaves_out_keeps_it_no_longer()
    {
        await using var site = await QueuedAsync(new PullCommits(ProjectStage.Clone, "main"));
        site.Services.GetService(typeof(SyncScope)).ShouldBeOfType<SyncScope>().Only = [OperationKind.Comments];
        var run = new SyncRun(site.Services, TimeProvider.System, (_, _, _, _) => { });
        var began = TimeProvider.System.GetTimestamp();

        await run.RunAsync([new KnownProject(ProjectStage.Clone, "", "origin", "", default)], TimeSpan.FromSeconds(60), awaitsDue: false, default);

        TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(_soon);
        (run.Succeeded, run.Waits).ShouldBe((0, false));
    }

    [Fact]
    public async Task The_sync_before_a_verb_does_not_spend_its_budget_on_it_and_a_push_behind_it_is_left()
    {
        await using var site = await QueuedAsync(ProjectStage.Push());
        var began = TimeProvider.System.GetTimestamp();
        await site.SyncFirstAsync(default);
        TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(_soon);

        var end = await site.PerformAsync(new PushCommits(ProjectStage.Clone, "main", new string('2', 40)), ForegroundBudget.Push(site.Configuration), default);

        end.Kind.ShouldBe(OperationEndKind.Queued);
        end.Failure!.Message.ShouldContain("It waits for 'Acquire lock for song.logicx', whose lock another has");
        _stage.Pushed.ShouldBeEmpty();
    }

    /// <summary>A project whose queue has an acquire that waits for another's lock, and something behind it.</summary>
    private async Task<ProjectSite> QueuedAsync<TJob>(TJob operation)
        where TJob : IJob<OperationResult>, IOperation
    {
        _stage.TakenByAnother();
        _stage.Reach = Reachability.Offline;
        await using (var offline = await _stage.OpenAsync(["--offline"]))
        {
            await offline.PerformAsync(ProjectStage.Acquire(waits: true), ForegroundBudget.Acquire(offline.Configuration), default);
            await offline.PerformAsync(operation, ForegroundBudget.Push(offline.Configuration), default);
        }

        _stage.Reach = Reachability.Online;
        return await _stage.OpenAsync([]);
    }

    private QueueSite Queue(ProjectSite site)
    {
        var place = new StorePlace(StoreKind.Pocket, _stage.Pocket);
        return new QueueSite(place, site.Configuration, TimeProvider.System, TextWriter.Null, Terminal.OfProcess(), Json: false) { Verb = "queue status" };
    }
}
