using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;
using Shouldly;
using Xunit;

namespace Posthouse.Tests.Cli.Hosting;

public sealed class ForegroundRunTests : IDisposable
{
    private static readonly RemoteFailure _timeout = new(FailureCategory.Network, "Connection timeout");

    private readonly ProjectStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task A_lock_that_comes_at_once_is_done_and_nothing_is_said()
    {
        await using var site = await _stage.OpenAsync([]);

        var end = await Acquire(site);

        end.Kind.ShouldBe(OperationEndKind.Done);
        end.ExitCode.ShouldBe(ExitCodes.Done);
        end.Result!.LockId.ShouldBe(_stage.Held()!.LockId);
        _stage.Held()!.OpId.ShouldStartWith(end.Id.Value + "/");
        _stage.Error.ToString().ShouldBeEmpty();
        (await site.Store.ReadAsync(read => LockBook.List(read, ProjectStage.Clone))).ShouldHaveSingleItem().Standing.ShouldBe(KnownStanding.Mine);
    }

    [Fact]
    public async Task Failed_tries_are_told_with_the_delay_that_really_follows_as_in_the_sources_sample()
    {
        _stage.Failures.Enqueue(_timeout);
        await using var site = await _stage.OpenAsync(["--set", "Ui:Emoji=true"], initialBackoff: "00:00:01");

        var end = await Acquire(site);

        end.Kind.ShouldBe(OperationEndKind.Done);
        end.Attempts.ShouldBe(2);
        var lines = Lines(_stage.Error);
        lines[0].ShouldEndWith(" Attempt 1 failed: Connection timeout");
        lines[1].ShouldBe("   Retrying in 1.0s... (4/5 attempts remaining)");
        lines[2].ShouldMatch(@" Operation succeeded after 2 attempt\(s\) in 1\.\ds$");
        end.Elapsed.ShouldBeGreaterThan(TimeSpan.FromSeconds(0.99));
    }

    [Fact]
    public async Task After_five_failed_connections_the_operation_stays_queued()
    {
        for (var i = 0; i < 9; i++) { _stage.Failures.Enqueue(_timeout); }
        await using var site = await _stage.OpenAsync([]);

        var end = await Acquire(site);

        end.Kind.ShouldBe(OperationEndKind.Queued);
        end.ExitCode.ShouldBe(ExitCodes.Queued);
        // Tries follow each other at once here: the fifth may be held against the remote before the fourth is told.
        end.Attempts.ShouldBeInRange(4, 5);
        Lines(_stage.Error).Count(line => line.Contains("failed: Connection timeout", StringComparison.Ordinal)).ShouldBe(end.Attempts);
        Lines(_stage.Error).ShouldContain("   Retrying in 0.0s... (2/5 attempts remaining)");
        (await site.Jobs.GetAsync(end.Id))!.State.ShouldBe(JobState.Pending);
        var told = _stage.Output.ToString();
        told.ShouldContain("Network is offline - operation queued\n\n  Queued: Acquire lock\n  Path: song.logicx\n  User: john@laptop\n  Timeout: 4 hours\n  Entry ID: " + end.Id.Value);
        told.ShouldContain("Lock will be acquired when network is available\n");
    }

    [Fact]
    public async Task A_remote_that_failed_often_is_not_hurried_by_the_next_verb()
    {
        for (var i = 0; i < 9; i++) { _stage.Failures.Enqueue(_timeout); }
        await using (var first = await _stage.OpenAsync([])) { await Acquire(first); }

        await using var second = await _stage.OpenAsync([]);
        var end = await second.PerformAsync(ProjectStage.Acquire("other.wav"), ForegroundBudget.Acquire(second.Configuration), default);

        end.Kind.ShouldBe(OperationEndKind.Queued);
        end.Attempts.ShouldBe(1);
    }

    [Fact]
    public async Task A_refusal_is_told_once_and_nothing_of_it_stays()
    {
        _stage.Failures.Enqueue(new RemoteFailure(FailureCategory.Auth, "Authentication failed (401)"));
        await using var site = await _stage.OpenAsync([]);

        var end = await Acquire(site);

        end.Kind.ShouldBe(OperationEndKind.Failed);
        end.ExitCode.ShouldBe(ExitCodes.Unauthorised);
        Lines(_stage.Error)[0].ShouldEndWith(" Failed to acquire lock: Authentication failed (401)");
        Lines(_stage.Error)[1].ShouldBe("   This error is not retryable. Please check your credentials.");
        (await site.Jobs.CountAsync()).Open.ShouldBe(0);
        _stage.Exchanges.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_refusal_after_a_try_that_may_have_arrived_leaves_the_outcome_unknown_and_the_entry_kept()
    {
        _stage.Failures.Enqueue(new RemoteFailure(FailureCategory.Ambiguous, "The remote end hung up"));
        _stage.Failures.Enqueue(new RemoteFailure(FailureCategory.Forbidden, "You may not do this"));
        await using var site = await _stage.OpenAsync([]);

        var end = await Acquire(site);

        (end.Kind, end.ExitCode, end.Failure!.Code).ShouldBe((OperationEndKind.OutcomeUnknown, ExitCodes.OutcomeUnknown, VcsErrors.OutcomeUnknown));
        (await site.Jobs.GetAsync(end.Id))!.State.ShouldBe(JobState.Dead);
        Lines(_stage.Error)[^1].ShouldBe($"   An earlier try may have arrived: 'posthouse queue retry {end.Id}' finds out.");
        _stage.Output.ToString().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_another_has_locked_stops_a_push_also_if_it_was_locked_while_the_push_was_staged(bool isLate)
    {
        await using var site = await _stage.OpenAsync([]);
        if (isLate) { _stage.WhileStaging = () => _stage.TakenByAnother(); } else { _stage.TakenByAnother(); }

        var end = await site.PerformAsync(ProjectStage.Push(), ForegroundBudget.Push(site.Configuration), default);

        (end.Kind, end.ExitCode).ShouldBe((OperationEndKind.Conflict, ExitCodes.LockConflict));
        end.Failure!.Message.ShouldStartWith("song.logicx locked by eve@laptop (John) until ");
        _stage.Pushed.ShouldBeEmpty();
        (await new LockDesk(site).RefusedForAsync(end))!.Record!.LockId.ShouldBe("their-lock");
    }

    [Fact]
    public async Task Each_try_of_a_push_renews_its_locks_anew()
    {
        await using var site = await _stage.OpenAsync([]);
        await Acquire(site);
        _stage.PushFailures.Enqueue(_timeout);

        var end = await site.PerformAsync(ProjectStage.Push(), ForegroundBudget.Push(site.Configuration), default);

        end.Kind.ShouldBe(OperationEndKind.Done);
        _stage.Guards.Select(guard => guard.OpId).Distinct().Count().ShouldBe(2);
        _stage.Guards.ShouldAllBe(guard => guard.OpId.StartsWith(end.Id.Value + "/"));
    }

    [Fact]
    public async Task Additions_that_wait_are_counted_together_and_a_renewal_without_a_time_shortens_nothing()
    {
        await using var site = await _stage.OpenAsync([]);
        await Acquire(site);
        var end = _stage.Held()!.ExpiresAt;
        _stage.Reach = Reachability.Offline;
        for (var i = 0; i < 2; i++) { await site.PerformAsync(new RenewLock(ProjectStage.Clone, "song.logicx", 3_600, Adds: true), ForegroundBudget.Renew(site.Configuration), default); }
        _stage.Reach = Reachability.Online;
        await site.Store.WriteAsync(write => write.Execute("DELETE FROM vcs_remote"));

        (await site.PerformAsync(new RenewLock(ProjectStage.Clone, "song.logicx", 0), ForegroundBudget.Renew(site.Configuration), default)).Kind.ShouldBe(OperationEndKind.Done);

        _stage.Held()!.ExpiresAt.ShouldBeInRange(end.AddHours(2), end.AddHours(2).AddMinutes(1));
        _stage.Held()!.Seq.ShouldBe(4);
    }

    [Fact]
    public async Task A_conflict_names_the_holder_and_is_discarded()
    {
        _stage.TakenByAnother();
        await using var site = await _stage.OpenAsync([]);

        var end = await Acquire(site);

        end.Kind.ShouldBe(OperationEndKind.Conflict);
        end.ExitCode.ShouldBe(ExitCodes.LockConflict);
        end.Failure!.Code.ShouldBe(VcsErrors.LockConflict);
        end.Failure.Message.ShouldStartWith("song.logicx locked by eve@laptop (John) until ");
        (await site.Jobs.CountAsync()).Open.ShouldBe(0);
    }

    [Fact]
    public async Task Offline_it_is_queued_at_once_without_an_exchange()
    {
        _stage.Reach = Reachability.Offline;
        await using var site = await _stage.OpenAsync([]);

        var end = await Acquire(site);

        end.ExitCode.ShouldBe(ExitCodes.Queued);
        _stage.Exchanges.ShouldBeEmpty();
        _stage.Error.ToString().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("--no-queue", true, ExitCodes.Unreachable)]
    [InlineData("--quiet", false, ExitCodes.Unreachable)]
    [InlineData("--queue", false, ExitCodes.Queued)]
    [InlineData("--offline", false, ExitCodes.Queued)]
    [InlineData("--queued-ok", true, ExitCodes.Done)]
    public async Task What_is_kept_depends_on_the_flags_and_on_whether_the_remote_ever_worked(string flag, bool worked, int exit)
    {
        _stage.Reach = Reachability.Offline;
        _stage.WasFetched = worked;
        await using var site = await _stage.OpenAsync([flag]);

        var end = await Acquire(site);

        end.ExitCode.ShouldBe(exit);
        (await site.Jobs.CountAsync()).Open.ShouldBe(exit == ExitCodes.Unreachable ? 0 : 1);
    }

    [Fact]
    public async Task Queued_operations_are_sent_before_the_next_verb_in_their_order()
    {
        _stage.Reach = Reachability.Offline;
        await using (var offline = await _stage.OpenAsync([]))
        {
            await Acquire(offline);
            await offline.PerformAsync(ProjectStage.Push(), ForegroundBudget.Push(offline.Configuration), default);
            await offline.PerformAsync(ProjectStage.Release(), ForegroundBudget.Release(offline.Configuration), default);
        }

        _stage.Reach = Reachability.Online;
        await using var site = await _stage.OpenAsync([]);
        await site.SyncFirstAsync(default);

        _stage.Exchanges.Where(exchange => !exchange.StartsWith("read", StringComparison.Ordinal))
            .ShouldBe(["write song.logicx Held", "push main", "write song.logicx Released"]);
        Lines(_stage.Error)[0].ShouldBe("[Auto-syncing 3 pending operation(s)...]");
        _stage.Error.ToString().ShouldContain(" Completed: Acquire lock for song.logicx\n");
        (await site.Jobs.CountAsync()).Open.ShouldBe(0);
    }

    [Fact]
    public async Task A_lock_that_was_never_taken_needs_no_release()
    {
        _stage.Reach = Reachability.Offline;
        await using var site = await _stage.OpenAsync([]);
        await Acquire(site);

        var end = await site.PerformAsync(ProjectStage.Release(), ForegroundBudget.Release(site.Configuration), default);

        end.Kind.ShouldBe(OperationEndKind.Done);
        (await site.Jobs.CountAsync()).Open.ShouldBe(0);
    }

    [Fact]
    public async Task A_queued_push_whose_lock_another_took_meanwhile_is_never_sent()
    {
        await _stage.QueueLockAndPushAsync();
        _stage.TakenByAnother();
        _stage.Reach = Reachability.Online;
        await using var site = await _stage.OpenAsync([]);
        await site.SyncFirstAsync(default);
        var failed = (await site.Jobs.ListAsync(new JobQuery { NeedsDecision = true })).ShouldHaveSingleItem();
        await site.Jobs.DecideAsync(new JobCommand.Discard(failed.Id));
        await site.SyncFirstAsync(default);

        _stage.Pushed.ShouldBeEmpty();
        (await site.Jobs.ListAsync(new JobQuery { NeedsDecision = true })).ShouldHaveSingleItem().Name.ShouldBe("vcs.push");
    }

    [Fact]
    public async Task What_waits_behind_the_wait_for_a_failed_lock_names_that_lock_at_once()
    {
        await _stage.QueueLockAndPushAsync();
        _stage.TakenByAnother();
        _stage.Reach = Reachability.Online;
        await using var site = await _stage.OpenAsync([]);
        await site.SyncFirstAsync(default);
        var end = await site.PerformAsync(ProjectStage.Release(), ForegroundBudget.Release(site.Configuration), default);

        (end.Kind, end.Attempts).ShouldBe((OperationEndKind.Queued, 0));
        end.Failure!.Message.ShouldStartWith("It waits for 'Acquire lock for song.logicx', which failed: decide with 'posthouse queue retry ");
    }

    [Fact]
    public async Task What_replaced_a_branch_says_what_was_there()
    {
        _stage.Before = new string('2', 40);
        await using var site = await _stage.OpenAsync([]);
        var end = await site.PerformAsync(new PushCommits(ProjectStage.Clone, "main", new string('1', 40), ForceWithLease: _stage.Before), ForegroundBudget.Push(site.Configuration), default);

        end.Result!.Summary.ShouldBe($"Pushed main: 1111111 in the place of 2222222 ('git branch NAME {_stage.Before}' keeps that)");
        end.Result.Detail.ShouldNotBeNull().ShouldContain("\"replaced\":true");
    }

    [Fact]
    public async Task What_Git_cannot_count_does_not_pass_for_no_work_left_behind()
    {
        _stage.Git = call => call.Arguments[0] == "rev-list" ? new GitResult(128, [], "fatal: bad object refs/heads/main\n") : null;
        await using var site = await _stage.OpenAsync([]);

        (await Should.ThrowAsync<VcsException>(() => Unpushed.CountAsync(site, ResourceKey.Of("song.logicx"), default))).Failure.Category.ShouldBe(FailureCategory.Local);
    }

    [Fact]
    public async Task A_deadline_leaves_the_operation_in_the_queue()
    {
        for (var i = 0; i < 9; i++) { _stage.Failures.Enqueue(_timeout); }
        await using var site = await _stage.OpenAsync(["--deadline", "1s"], initialBackoff: "00:00:10");

        var end = await Acquire(site);

        end.Kind.ShouldBe(OperationEndKind.Queued);
        end.Attempts.ShouldBe(1);
    }

    [Fact]
    public async Task The_history_has_every_end_with_its_operation()
    {
        _stage.Failures.Enqueue(_timeout);
        await using var site = await _stage.OpenAsync([]);
        await Acquire(site);

        var notes = (await site.Jobs.ReadEventsAsync(0, new EventFilter(Room: OperationNote.Room), 100)).Select(OperationNote.TryRead).OfType<OperationNote>().ToList();

        notes.Select(note => note.Failure?.Category).ShouldBe([FailureCategory.Network, null]);
        notes.ShouldAllBe(note => note.Operation == "vcs.acquire" && note.CloneId == ProjectStage.Clone && note.Resource == "song.logicx");
    }

    [Fact]
    public async Task No_secret_of_an_address_is_stored()
    {
        await using var site = await _stage.OpenAsync([]);
        await Acquire(site);

        (await site.Store.ReadAsync(read => ProjectBook.List(read))).ShouldHaveSingleItem().Address.ShouldBe("https://example.org/band/song.git");
        site.Address.ShouldNotContain("secret");
    }

    private static Task<OperationEnd> Acquire(ProjectSite site) => site.PerformAsync(ProjectStage.Acquire(), ForegroundBudget.Acquire(site.Configuration), default);

    private static string[] Lines(StringWriter text) => text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
