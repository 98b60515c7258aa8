using System.Text.Json;
using Posthouse.Cli.Commands;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>A release that has to wait is wanted once, and asks for no decision where there is nothing left to give back.</summary>
public sealed class QueuedReleaseTests : IDisposable
{
    private readonly ProjectStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task The_second_release_of_a_lock_finds_the_first_says_so_and_queues_nothing()
    {
        await using (var site = await _stage.OpenAsync([])) { await Acquire(site); }
        await using var offline = await OfflineAsync();
        await Push(offline);
        var first = await Release(offline);
        _stage.Output.GetStringBuilder().Clear();

        var second = await Release(offline);
        _stage.Reach = Reachability.Offline;
        await offline.Store.WriteAsync(write => write.Execute("DELETE FROM vcs_remote"));
        await using var careful = await _stage.OpenAsync(["--no-queue"]);
        var third = await Release(careful);

        (second.Id, second.Kind, second.ExitCode).ShouldBe((first.Id, OperationEndKind.Queued, ExitCodes.Queued));
        (third.Id, third.Kind, third.ExitCode).ShouldBe((first.Id, OperationEndKind.Failed, ExitCodes.Unreachable), "what was queued before is not taken back");
        _stage.Output.ToString().ShouldContain(" Nothing was sent - the same operation is queued already\n\n  Queued: Release lock\n");
        (await offline.Jobs.ListAsync(new JobQuery())).Count(job => job.Name == "vcs.release").ShouldBe(1);
    }

    [Fact]
    public async Task The_second_release_behind_a_push_that_failed_says_so_at_once()
    {
        await using (var online = await _stage.OpenAsync([])) { await Acquire(online); }
        await using (var offline = await OfflineAsync())
        {
            await Push(offline);
            await Release(offline);
        }

        _stage.PushFailures.Enqueue(new RemoteFailure(FailureCategory.Diverged, "The remote is ahead"));
        await using var site = await _stage.OpenAsync([]);
        await site.SyncFirstAsync(default);
        var end = await Release(site);

        (end.Kind, end.Attempts).ShouldBe((OperationEndKind.Queued, 0));
        end.Failure!.Message.ShouldStartWith("It waits for 'Push main to remote', which failed: decide with 'posthouse queue retry ");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_release_that_waited_for_a_lock_that_never_came_ends_done(bool isTaken)
    {
        await using (var offline = await OfflineAsync())
        {
            var acquire = await Acquire(offline);
            await Push(offline);
            await Release(offline);
            await offline.Jobs.DecideAsync(new JobCommand.Discard(acquire.Id));
            foreach (var push in (await offline.Jobs.ListAsync(new JobQuery())).Where(job => job.Name == "vcs.push")) { await offline.Jobs.DecideAsync(new JobCommand.Cancel(push.Id)); }
        }

        if (isTaken) { _stage.TakenByAnother(); }
        await using var site = await _stage.OpenAsync([]);
        await site.SyncFirstAsync(default);

        (await site.Jobs.CountAsync()).ShouldSatisfyAllConditions(counts => counts.Failed.ShouldBe(0), counts => counts.Open.ShouldBe(0));
        var notes = (await site.Jobs.ReadEventsAsync(0, new EventFilter(Room: OperationNote.Room), 100)).Select(OperationNote.TryRead).OfType<OperationNote>();
        notes.ShouldHaveSingleItem().Summary.ShouldBe("This clone has no lock of song.logicx, so there was nothing to give back" + (isTaken ? ": eve@laptop (John) has it" : ""));
    }

    [Fact]
    public async Task Whoever_gives_back_what_another_has_is_told_who_that_is()
    {
        _stage.TakenByAnother();
        await using var site = await _stage.OpenAsync([]);

        var end = await LockReleaseCommand.ReleaseAsync(site, new LockDesk(site), ResourceKey.Of("song.logicx"), null, leaveUnpushed: true, default);

        (end.ExitCode, end.Error!.Code).ShouldBe((ExitCodes.LockConflict, VcsErrors.LockNotHeld));
        end.Error.Message.ShouldEndWith(": eve@laptop (John) has it");
        var free = await LockReleaseCommand.ReleaseAsync(site, new LockDesk(site), ResourceKey.Of("other.wav"), null, leaveUnpushed: true, default);
        free.ExitCode.ShouldBe(ExitCodes.Done);
        free.Lines.ShouldHaveSingleItem().ShouldEndWith(" This clone has no lock of other.wav, so there was nothing to give back");
    }

    [Fact]
    public async Task A_push_that_waits_behind_the_push_that_waits_for_a_lock_says_at_once_which_lock_and_why()
    {
        await using (var offline = await OfflineAsync())
        {
            await Acquire(offline);
            await Push(offline);
        }

        _stage.TakenByAnother();
        await using var site = await _stage.OpenAsync([]);
        await site.SyncFirstAsync(default);
        var end = await site.PerformAsync(new PushCommits(ProjectStage.Clone, "main", new string('2', 40), IsFenced: false), ForegroundBudget.Push(site.Configuration), default);

        (end.Kind, end.Attempts).ShouldBe((OperationEndKind.Queued, 0));
        _stage.Output.ToString().ShouldContain(" An earlier operation comes first - operation queued\n\n  Queued: Push main\n");
        _stage.Output.ToString().ShouldContain("It waits for 'Acquire lock for song.logicx', which failed: decide with 'posthouse queue retry ");
    }

    [Fact]
    public async Task What_waits_behind_an_operation_whose_time_is_far_off_says_when_that_is_and_why()
    {
        _stage.PushFailures.Enqueue(new RemoteFailure(FailureCategory.RateLimit, "The remote is busy") { RetryAfter = TimeSpan.FromHours(1) });
        await using var site = await _stage.OpenAsync(["--set", "Sync:Auto=false"]);
        await Push(site);
        await site.Store.WriteAsync(write => write.Execute("DELETE FROM vcs_remote"));
        var end = await site.PerformAsync(new PushCommits(ProjectStage.Clone, "main", new string('2', 40), IsFenced: false), ForegroundBudget.Push(site.Configuration), default);

        end.Kind.ShouldBe(OperationEndKind.Queued);
        end.Failure!.Message.ShouldMatch(@"^It waits for 'Push main to remote', which is tried again in \S+.* \(The remote is busy\)$");
    }

    [Fact]
    public async Task A_conflict_in_the_history_says_that_a_lease_is_over_only_where_it_is()
    {
        _stage.TakenByAnother();
        await using var site = await _stage.OpenAsync([]);
        await Acquire(site);

        var stored = (await site.Jobs.ReadEventsAsync(0, new EventFilter(Room: OperationNote.Room), 100)).ShouldHaveSingleItem();
        using var body = JsonDocument.Parse(stored.Body);
        body.RootElement.GetProperty("failure").GetProperty("hint").GetString().ShouldBe("Wait for it with 'posthouse lock acquire --wait', or ask its holder.");
    }

    [Fact]
    public async Task Who_renews_a_lock_that_was_broken_is_told_by_whom_and_how_to_have_one()
    {
        _stage.TakenByAnother();
        await using var site = await _stage.OpenAsync([]);
        await site.PerformAsync(new BreakLock(ProjectStage.Clone, "song.logicx", "their-lock", "gone home"), ForegroundBudget.Break(site.Configuration), default);

        var end = await site.PerformAsync(new RenewLock(ProjectStage.Clone, "song.logicx", 3_600), ForegroundBudget.Renew(site.Configuration), default);

        (end.Failure!.Code, end.Failure.Message).ShouldBe((VcsErrors.LockNotHeld, "This clone has no lock of song.logicx: john@laptop (John) broke it (\"gone home\")."));
        end.Failure.Hint.ShouldBe("'posthouse lock acquire' takes it; what you changed is still here.");
    }

    private async Task<ProjectSite> OfflineAsync() => await _stage.OpenAsync(["--offline"]);

    private static Task<OperationEnd> Acquire(ProjectSite site) => site.PerformAsync(ProjectStage.Acquire(), ForegroundBudget.Acquire(site.Configuration), default);

    private static Task<OperationEnd> Push(ProjectSite site) => site.PerformAsync(ProjectStage.Push(), ForegroundBudget.Push(site.Configuration), default);

    private static Task<OperationEnd> Release(ProjectSite site) => site.PerformAsync(ProjectStage.Release(), ForegroundBudget.Release(site.Configuration), default);
}
