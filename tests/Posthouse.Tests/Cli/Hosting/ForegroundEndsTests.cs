using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;
using Shouldly;
using Xunit;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>What a verb says when its operation ends otherwise than by being tried.</summary>
public sealed class ForegroundEndsTests : IDisposable
{
    private static readonly RemoteFailure _timeout = new(FailureCategory.Network, "Connection timeout");

    private readonly ProjectStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task A_verb_whose_wish_another_repeats_ends_as_that_one_does()
    {
        _stage.Failures.Enqueue(_timeout);
        await using var site = await _stage.OpenAsync([], initialBackoff: "00:10:00");
        var first = site.PerformAsync(ProjectStage.Acquire(), ForegroundBudget.Acquire(site.Configuration) with { Deadline = TimeSpan.FromHours(1) }, default);
        await UntilANoteAsync(site);

        await using var other = await _stage.OpenAsync([], fraction: 0.5);
        var second = await Acquire(other);
        var end = await first;

        (second.Kind, end.Kind, end.ExitCode).ShouldBe((OperationEndKind.Done, OperationEndKind.Done, ExitCodes.Done));
        end.Id.ShouldBe(second.Id);
        end.Result!.LockId.ShouldBe(_stage.Held()!.LockId);
    }

    [Fact]
    public async Task A_wish_that_another_verb_takes_back_is_not_ended_without_a_word()
    {
        _stage.Failures.Enqueue(_timeout);
        await using var site = await _stage.OpenAsync([], initialBackoff: "00:10:00");
        var acquire = site.PerformAsync(ProjectStage.Acquire(), ForegroundBudget.Acquire(site.Configuration) with { Deadline = TimeSpan.FromHours(1) }, default);
        await UntilANoteAsync(site);

        await using var other = await _stage.OpenAsync(["--offline"]);
        await other.PerformAsync(ProjectStage.Release(), ForegroundBudget.Release(other.Configuration), default);

        (await acquire).Kind.ShouldBe(OperationEndKind.Failed);
        _stage.Error.ToString().ShouldContain("Failed to acquire lock: A later operation made it needless.");
    }

    [Theory]
    [InlineData("--quiet", 1, "   'posthouse queue discard acquire-")]
    [InlineData("--no-queue", 0, "nothing of it stays queued")]
    public async Task An_interrupted_verb_says_what_stays_of_its_wish(string flag, long open, string told)
    {
        using var interrupt = new CancellationTokenSource();
        _stage.Git = call =>
        {
            if (call.Arguments[0] == "symbolic-ref")
            {
                _stage.IsSilent = true;
                interrupt.Cancel();
            }

            return null;
        };
        await using var site = await _stage.OpenAsync([flag]);

        await Should.ThrowAsync<OperationCanceledException>(() => site.PerformAsync(ProjectStage.Acquire(), ForegroundBudget.Acquire(site.Configuration), interrupt.Token));

        (await site.Jobs.CountAsync()).Open.ShouldBe(open);
        _stage.Error.ToString().ShouldContain(told);
    }

    [Fact]
    public async Task What_waits_for_the_network_is_wanted_until_it_is_given_back()
    {
        _stage.Reach = Reachability.Offline;
        await using var site = await _stage.OpenAsync([]);
        await Acquire(site);
        await site.PerformAsync(ProjectStage.Acquire("other.wav"), ForegroundBudget.Acquire(site.Configuration), default);
        await site.PerformAsync(ProjectStage.Push(), ForegroundBudget.Push(site.Configuration), default);
        await site.PerformAsync(ProjectStage.Release("other.wav"), ForegroundBudget.Release(site.Configuration), default);

        (await new LockDesk(site).WantedAsync()).ShouldHaveSingleItem().Path.ShouldBe("song.logicx");
    }

    [Fact]
    public async Task Of_two_ways_to_pull_a_branch_the_later_wish_stays()
    {
        _stage.Reach = Reachability.Offline;
        await using var site = await _stage.OpenAsync([]);
        await PullAsync(site, false);
        var first = await PullAsync(site, true);
        var same = await PullAsync(site, true);

        same.Id.ShouldBe(first.Id);
        (await site.Store.ReadAsync(read => OpenOperations.Of(read, ProjectStage.Clone))).ShouldHaveSingleItem().Operation.ShouldBe(new PullCommits(ProjectStage.Clone, "main", true));
    }

    private static Task<OperationEnd> PullAsync(ProjectSite site, bool rebases) =>
        site.PerformAsync(new PullCommits(ProjectStage.Clone, "main", rebases), ForegroundBudget.Pull(site.Configuration), default);

    private static Task<OperationEnd> Acquire(ProjectSite site) => site.PerformAsync(ProjectStage.Acquire(), ForegroundBudget.Acquire(site.Configuration), default);

    /// <summary>Completes when a try has failed.</summary>
    private static async Task UntilANoteAsync(ProjectSite site)
    {
        for (var position = 0L; ;)
        {
            var events = await site.Jobs.ReadEventsAsync(position, new EventFilter(), 100);
            if (events.Any(stored => stored.Kind == JobEventBodies.AttemptFailed)) { return; }
            position = events.Count > 0 ? events[^1].Position : position;
            await site.Jobs.ChangedAsync(position, TestContext.Current.CancellationToken);
        }
    }
}
