using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;
using Shouldly;
using Xunit;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>What a verb does with a remote that comes and goes, and with what waits for it.</summary>
public sealed class ForegroundReachTests : IDisposable
{
    private readonly ProjectStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task What_an_earlier_verb_did_not_reach_is_tried_by_the_next_one()
    {
        _stage.Reach = Reachability.Offline;
        await using (var offline = await _stage.OpenAsync([])) { await Acquire(offline); }

        _stage.Reach = Reachability.Online;
        await using var site = await _stage.OpenAsync([]);
        var end = await site.PerformAsync(ProjectStage.Acquire("other.wav"), ForegroundBudget.Acquire(site.Configuration), default);

        end.Kind.ShouldBe(OperationEndKind.Done);
    }

    [Fact]
    public async Task Who_is_not_signed_in_is_told_so_and_not_that_the_network_was_away_a_moment_ago()
    {
        _stage.Reach = Reachability.Offline;
        await using (var offline = await _stage.OpenAsync([])) { await offline.PerformAsync(ProjectStage.Release(), ForegroundBudget.Release(offline.Configuration), default); }

        _stage.Reach = Reachability.Online;
        _stage.Failures.Enqueue(new RemoteFailure(FailureCategory.Auth, "Authentication failed (401)"));
        await using var site = await _stage.OpenAsync([]);

        (await Acquire(site)).ExitCode.ShouldBe(ExitCodes.Unauthorised);
    }

    [Fact]
    public async Task What_was_held_for_want_of_credentials_is_tried_again_by_who_asks_for_something()
    {
        _stage.Reach = Reachability.Offline;
        await using (var offline = await _stage.OpenAsync([])) { await Acquire(offline); }

        _stage.Reach = Reachability.Online;
        _stage.Failures.Enqueue(new RemoteFailure(FailureCategory.Auth, "Authentication failed (401)"));
        await using var site = await _stage.OpenAsync([]);
        await site.PerformAsync(ProjectStage.Acquire("second.wav"), ForegroundBudget.Acquire(site.Configuration), default);
        _stage.Held().ShouldBeNull();
        await site.PerformAsync(ProjectStage.Acquire("third.wav"), ForegroundBudget.Acquire(site.Configuration), default);

        _stage.Held().ShouldNotBeNull();
        (await site.Jobs.CountAsync()).Open.ShouldBe(0);
    }

    [Fact]
    public async Task A_verb_looks_once_and_one_that_follows_an_unreached_remote_looks_more_briefly()
    {
        _stage.Reach = Reachability.Offline;
        for (var verb = 0; verb < 2; verb++)
        {
            await using var site = await _stage.OpenAsync(["--set", "Network:ProbeTimeout=00:00:09"]);
            await site.SyncFirstAsync(default);
            await Acquire(site);
        }

        _stage.Probes.ShouldBe([TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(2)]);
    }

    [Fact]
    public async Task A_push_that_no_budget_holds_is_left_to_who_asks_for_it()
    {
        await _stage.QueueLockAndPushAsync();
        _stage.Reach = Reachability.Online;
        _stage.Git = call => call.Arguments[0] == "rev-list" ? new GitResult(0, "41943040"u8.ToArray(), "") : null;
        await using var site = await _stage.OpenAsync([]);
        await site.SyncFirstAsync(default);
        _stage.Held().ShouldNotBeNull();
        var release = await site.PerformAsync(ProjectStage.Release(), ForegroundBudget.Release(site.Configuration), default);
        (release.Kind, release.Attempts).ShouldBe((OperationEndKind.Queued, 0));
        release.Failure!.Message.ShouldStartWith("It waits for a push that is too large to go along");
        _stage.Pushed.ShouldBeEmpty();
        _stage.Error.ToString().ShouldContain("too large to go along with a command; 'posthouse push' or 'posthouse queue sync' sends it\n");

        await site.PerformAsync(ProjectStage.Push(), ForegroundBudget.Push(site.Configuration), default);
        _stage.Pushed.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_push_that_is_begun_anew_is_not_finished_first()
    {
        _stage.Reach = Reachability.Offline;
        var push = ProjectStage.Push();
        await using (var offline = await _stage.OpenAsync([])) { await offline.PerformAsync(push, ForegroundBudget.Push(offline.Configuration), default); }

        _stage.Reach = Reachability.Online;
        await using var site = await _stage.OpenAsync([]);
        await site.SyncFirstAsync(default, leavesPushes: true);
        _stage.Pushed.ShouldBeEmpty();
        await site.PerformAsync(push with { Restart = true }, ForegroundBudget.Push(site.Configuration), default);

        _stage.Pushed.ShouldHaveSingleItem().Restart.ShouldBeTrue();
    }

    [Fact]
    public async Task A_deadline_that_is_over_leaves_what_is_wanted_in_the_queue()
    {
        await using var site = await _stage.OpenAsync(["--deadline", "1s"]);
        _stage.IsSilent = true;
        await site.InTimeAsync(async ends =>
        {
            await site.SyncFirstAsync(ends);
            var first = await site.PerformAsync(ProjectStage.Acquire(), ForegroundBudget.Acquire(site.Configuration), ends);
            var second = await site.PerformAsync(ProjectStage.Acquire("other.wav"), ForegroundBudget.Acquire(site.Configuration), ends);

            (first.Kind, second.Kind, site.IsOverdue).ShouldBe((OperationEndKind.Queued, OperationEndKind.Queued, true));
            return true;
        }, default);
        (await site.Jobs.CountAsync()).Open.ShouldBe(2);
    }

    [Fact]
    public async Task A_remote_that_was_there_a_moment_ago_is_not_waited_for_when_it_is_away()
    {
        await using (var before = await _stage.OpenAsync([])) { await Acquire(before); }

        (_stage.IsSilent, _stage.Reach) = (true, Reachability.Offline);
        await using var site = await _stage.OpenAsync(["--deadline", "60s", "--set", "Network:ProbeTimeout=00:00:00.5"]);
        var end = await site.PerformAsync(ProjectStage.Acquire("other.wav"), new ForegroundBudget(5, null, "acquire lock"), default);

        (end.Kind, end.Failure!.Category).ShouldBe((OperationEndKind.Queued, FailureCategory.Network));
        end.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(50), "it was the look that ended it, not the deadline");
        (await site.RemoteStateAsync()).State.ShouldBe(Reachability.Offline);
    }

    [Fact]
    public async Task Who_lets_the_queue_wait_for_a_lock_does_not_wait_for_it_here()
    {
        _stage.TakenByAnother();
        await using var site = await _stage.OpenAsync(["--deadline", "60s"]);
        var end = await site.PerformAsync(ProjectStage.Acquire(waits: true), new ForegroundBudget(5, null, "acquire lock"), default);

        (end.Kind, end.Failure!.Message).ShouldBe((OperationEndKind.Queued, QueuedText.WaitsForHolder));
        end.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(50), "it was the first look that ended it, not the deadline");
        (await site.Jobs.GetAsync(end.Id))!.State.ShouldBe(JobState.Pending);
    }

    private static Task<OperationEnd> Acquire(ProjectSite site) => site.PerformAsync(ProjectStage.Acquire(), ForegroundBudget.Acquire(site.Configuration), default);
}
