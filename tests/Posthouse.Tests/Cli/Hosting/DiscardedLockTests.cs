using Posthouse.Cli;
using Posthouse.Cli.Hosting;
using Posthouse.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Locks;
using Posthouse.Vcs.Sync;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>What becomes of a push whose lock another got first.</summary>
public sealed class DiscardedLockTests : IDisposable
{
    private readonly ProjectStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task Whoever_discards_a_lock_ends_with_it_what_stood_on_it_and_pushes_anew()
    {
        await QueueAsync();
        _stage.TakenByAnother();
        await using var site = await _stage.OpenAsync([]);
        await site.SyncFirstAsync(default);

        var said = await DiscardAsync((await FailedAsync(site)).Id.Value);

        said.ShouldContain(" With it: Push main to remote (push-");
        said.ShouldContain(" With it: Release lock for song.logicx (release-");
        said.ShouldContain("'posthouse push' sends them anew, where nobody else has what they change");
        (await site.Jobs.CountAsync()).Open.ShouldBe(0);
        await site.SyncFirstAsync(default);
        (await site.Jobs.CountAsync()).Failed.ShouldBe(0);

        _stage.GivenBack();
        (await site.PerformAsync(Push(), ForegroundBudget.Push(site.Configuration), default)).Kind.ShouldBe(OperationEndKind.Done);
        _stage.Pushed.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_lock_that_is_asked_for_again_and_refused_again_still_keeps_the_push_behind_it()
    {
        await QueueAsync(releases: false);
        _stage.TakenByAnother();
        await using var site = await _stage.OpenAsync([]);
        await site.SyncFirstAsync(default);

        (await site.PerformAsync(ProjectStage.Acquire(), ForegroundBudget.Acquire(site.Configuration), default)).Kind.ShouldBe(OperationEndKind.Conflict);

        (await site.Jobs.CountAsync()).ShouldSatisfyAllConditions(counts => counts.Failed.ShouldBe(1), counts => counts.Waiting.ShouldBe(1));
        (await DiscardAsync((await FailedAsync(site)).Id.Value)).ShouldContain(" With it: Push main to remote (push-");
    }

    [Fact]
    public async Task A_lock_that_is_waited_for_after_all_lets_its_push_and_its_release_go()
    {
        await QueueAsync();
        _stage.TakenByAnother();
        await using var site = await _stage.OpenAsync([]);
        await site.SyncFirstAsync(default);
        _stage.GivenBack();

        (await site.PerformAsync(ProjectStage.Acquire(), ForegroundBudget.Acquire(site.Configuration), default)).Kind.ShouldBe(OperationEndKind.Done);
        await site.SyncFirstAsync(default);

        _stage.Exchanges.Where(exchange => !exchange.StartsWith("read", StringComparison.Ordinal))
            .ShouldBe(["write song.logicx Held", "push main", "write song.logicx Released"]);
        (await site.Jobs.CountAsync()).Open.ShouldBe(0);
    }

    [Fact]
    public async Task A_push_in_the_place_of_two_of_which_one_waits_for_the_other_waits_for_neither()
    {
        _stage.PushFailures.Enqueue(new RemoteFailure(FailureCategory.Diverged, "The remote is ahead"));
        await using var site = await _stage.OpenAsync([]);
        await using (var offline = await _stage.OpenAsync(["--offline"]))
        {
            await offline.PerformAsync(Push(), ForegroundBudget.Push(offline.Configuration), default);
            // What is given back between them keeps the second from taking the place of the first.
            await offline.PerformAsync(ProjectStage.Release("other.wav"), ForegroundBudget.Release(offline.Configuration), default);
            await offline.PerformAsync(Push(), ForegroundBudget.Push(offline.Configuration), default);
        }

        await site.SyncFirstAsync(default);
        (await site.PerformAsync(Push(), ForegroundBudget.Push(site.Configuration), default)).Kind.ShouldBe(OperationEndKind.Done);
        await site.SyncFirstAsync(default);

        (await site.Jobs.CountAsync()).Open.ShouldBe(0);
    }

    [Fact]
    public async Task What_needs_another_lock_or_none_stays_and_so_does_all_behind_one_that_may_have_been_taken()
    {
        await QueueAsync();
        await using var site = await _stage.OpenAsync(["--offline"]);
        var acquire = (await site.Jobs.ListAsync(new JobQuery())).Single(job => job.Name == "vcs.acquire");
        await site.PerformAsync(ProjectStage.Acquire("other.wav"), ForegroundBudget.Acquire(site.Configuration), default);
        await site.PerformAsync(Push() with { IsFenced = false, Branch = "side" }, ForegroundBudget.Push(site.Configuration), default);
        await site.PerformAsync(ProjectStage.Release("other.wav") with { LockId = "theirs" }, ForegroundBudget.Release(site.Configuration), default);
        IReadOnlyList<string> Standing(IRead read) => [.. OperationQueue.StandingOn(read, acquire.Id, ProjectStage.Acquire()).Select(one => one.Operation.GetType().Name)];
        (await site.Store.ReadAsync(Standing)).ShouldBe(["PushCommits", "ReleaseLock"]);

        await site.Store.WriteAsync(write => write.Execute("INSERT INTO vcs_built(op_id, path, built, built_at) VALUES ($1, 'song.logicx', 'record', 0)", acquire.Id.Value + "/1"));
        (await site.Store.ReadAsync(Standing)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_release_of_another_lock_does_not_overtake_the_push_that_is_given_up(bool withItsLock)
    {
        await using (var online = await _stage.OpenAsync([])) { await online.PerformAsync(ProjectStage.Acquire("other.wav"), ForegroundBudget.Acquire(online.Configuration), default); }
        if (withItsLock) { await QueueAsync(releases: false); }
        await using (var offline = await _stage.OpenAsync(["--offline"]))
        {
            if (!withItsLock) { await offline.PerformAsync(Push(), ForegroundBudget.Push(offline.Configuration), default); }
            await offline.PerformAsync(ProjectStage.Release("other.wav"), ForegroundBudget.Release(offline.Configuration), default);
        }

        if (withItsLock) { _stage.TakenByAnother(); } else { _stage.PushFailures.Enqueue(new RemoteFailure(FailureCategory.Diverged, "The remote is ahead")); }
        await using var site = await _stage.OpenAsync([]);
        await site.SyncFirstAsync(default);
        var said = await DiscardAsync((await FailedAsync(site)).Id.Value);
        await site.SyncFirstAsync(default);

        said.ShouldContain(" With it: Release lock for other.wav (release-");
        said.Contains("stays locked, until 'posthouse lock release' says so anew", StringComparison.Ordinal).ShouldBe(!withItsLock);
        _stage.Held("other.wav")!.State.ShouldBe(LockState.Held);
        (await site.Jobs.CountAsync()).Open.ShouldBe(0);
    }

    [Fact]
    public async Task A_push_that_fails_again_keeps_the_release_behind_it_waiting()
    {
        await using (var online = await _stage.OpenAsync([])) { await online.PerformAsync(ProjectStage.Acquire(), ForegroundBudget.Acquire(online.Configuration), default); }
        await using (var offline = await _stage.OpenAsync(["--offline"]))
        {
            await offline.PerformAsync(Push(), ForegroundBudget.Push(offline.Configuration), default);
            await offline.PerformAsync(ProjectStage.Release(), ForegroundBudget.Release(offline.Configuration), default);
        }

        for (var i = 0; i < 2; i++) { _stage.PushFailures.Enqueue(new RemoteFailure(FailureCategory.Diverged, "The remote is ahead")); }
        await using var site = await _stage.OpenAsync([]);
        await site.SyncFirstAsync(default);
        (await site.PerformAsync(Push(), ForegroundBudget.Push(site.Configuration), default)).Failure!.Category.ShouldBe(FailureCategory.Diverged);
        await site.SyncFirstAsync(default);

        _stage.Held()!.State.ShouldBe(LockState.Held);
        (await site.Jobs.CountAsync()).ShouldSatisfyAllConditions(counts => counts.Failed.ShouldBe(1), counts => counts.Waiting.ShouldBe(1));
    }

    [Fact]
    public async Task Clearing_what_failed_clears_what_stood_on_it_and_says_so()
    {
        await QueueAsync();
        _stage.TakenByAnother();
        await using var site = await _stage.OpenAsync([]);
        await site.SyncFirstAsync(default);

        var output = new StringWriter();
        (await CommandLine.RunAsync(Program.CreateRoot(TimeProvider.System), ["queue", "clear", "--failed", "--all-projects", "--data", _stage.Pocket], output, TextWriter.Null)).ShouldBe(0);

        var said = output.ToString();
        said.ShouldContain(" Cleared 1 failed and 0 completed operation(s)");
        said.ShouldContain(" With it: Push main to remote (push-");
        said.ShouldContain(" With it: Release lock for song.logicx (release-");
        said.ShouldContain("Your versions are still here");

        (await site.Jobs.CountAsync()).Open.ShouldBe(0);
    }

    [Fact]
    public async Task What_was_replaced_names_what_is_there_in_its_place()
    {
        await using var site = await _stage.OpenAsync(["--offline"]);
        var first = await site.PerformAsync(Push(), ForegroundBudget.Push(site.Configuration), default);
        await site.PerformAsync(Push(), ForegroundBudget.Push(site.Configuration), default);
        var last = await site.PerformAsync(Push(), ForegroundBudget.Push(site.Configuration), default);

        (await RefusedAsync(first.Id.Value)).ShouldContain($"Job {first.Id} was replaced by {last.Id}, which wants the same. 'posthouse queue discard {last.Id} --data \"{_stage.Pocket}\"' gives that up.");
        await DiscardAsync(last.Id.Value);
        (await RefusedAsync(first.Id.Value)).ShouldContain($"was replaced by {last.Id}, which wants the same. That has ended, too: Closed (discarded) ");
        (await RefusedAsync(last.Id.Value)).ShouldContain($"Job {last.Id} has ended: Closed (discarded) ");
    }

    [Fact]
    public async Task What_became_needless_is_not_said_to_be_replaced_by_what_belongs_to_a_later_lock()
    {
        await using var site = await _stage.OpenAsync(["--offline"]);
        await site.PerformAsync(ProjectStage.Acquire(), ForegroundBudget.Acquire(site.Configuration), default);
        var needless = await site.PerformAsync(ProjectStage.Release(), ForegroundBudget.Release(site.Configuration), default);
        await QueueAsync();

        (await RefusedAsync(needless.Id.Value)).ShouldContain($"Job {needless.Id} has ended: a later operation made it needless.");
    }

    private async Task<string> RefusedAsync(string id)
    {
        var error = new StringWriter();
        (await CommandLine.RunAsync(Program.CreateRoot(TimeProvider.System), ["queue", "discard", id, "--data", _stage.Pocket], TextWriter.Null, error)).ShouldBe(1);
        return error.ToString();
    }

    private async Task QueueAsync(bool releases = true)
    {
        await using var offline = await _stage.OpenAsync(["--offline"]);
        await offline.PerformAsync(ProjectStage.Acquire(), ForegroundBudget.Acquire(offline.Configuration), default);
        await offline.PerformAsync(Push(), ForegroundBudget.Push(offline.Configuration), default);
        if (releases) { await offline.PerformAsync(ProjectStage.Release(), ForegroundBudget.Release(offline.Configuration), default); }
    }

    private async Task<string> DiscardAsync(string id)
    {
        var output = new StringWriter();
        (await CommandLine.RunAsync(Program.CreateRoot(TimeProvider.System), ["queue", "discard", id, "--data", _stage.Pocket], output, TextWriter.Null)).ShouldBe(0);
        return output.ToString();
    }

    private static async Task<JobRecord> FailedAsync(ProjectSite site) => (await site.Jobs.ListAsync(new JobQuery { NeedsDecision = true })).ShouldHaveSingleItem();

    private static PushCommits Push() => new(ProjectStage.Clone, "main", new string('1', 40));
}
