using Posthouse.Cli.Hosting;
using Posthouse.Cli.Output;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Vcs;
using Posthouse.Vcs.Sync;
using Posthouse.Vcs.Transfer;

namespace Posthouse.Tests.Cli.Hosting;

/// <summary>A verb that is not queued takes nothing out of the queue but its own.</summary>
public sealed class UnqueuedVerbTests : IDisposable
{
    private readonly ProjectStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Theory]
    [InlineData("vcs.push")]
    [InlineData("vcs.acquire")]
    [InlineData("vcs.renew")]
    [InlineData("vcs.pull")]
    public async Task The_same_that_was_queued_before_stays_queued(string kind)
    {
        await using (var offline = await _stage.OpenAsync(["--offline"])) { await DoAsync(offline, kind); }

        await using var site = await UnqueuedAsync();
        var end = await DoAsync(site, kind);

        (end.Kind, end.ExitCode).ShouldBe((OperationEndKind.Failed, ExitCodes.Unreachable));
        (await OpenAsync(site)).ShouldBe([kind]);
        _stage.Error.ToString().ShouldContain($"Nothing more was queued; what was queued before, or others wait for, stays: {end.Id}");
    }

    [Fact]
    public async Task A_lock_that_is_asked_for_once_more_stays_before_the_push_that_waits_for_it()
    {
        await _stage.QueueLockAndPushAsync();

        await using var site = await UnqueuedAsync();
        (await DoAsync(site, "vcs.acquire")).ExitCode.ShouldBe(ExitCodes.Unreachable);

        (await OpenAsync(site)).ShouldBe(["vcs.push", "vcs.acquire"]);
        (await site.Jobs.CountAsync()).Waiting.ShouldBe(1);
    }

    [Fact]
    public async Task What_was_queued_for_a_remote_that_never_answered_is_queued_already()
    {
        _stage.WasFetched = false;
        _stage.Reach = Reachability.Offline;
        await using (var first = await _stage.OpenAsync(["--queue"])) { await DoAsync(first, "vcs.push"); }

        await using var site = await _stage.OpenAsync([]);
        (await DoAsync(site, "vcs.push")).ExitCode.ShouldBe(ExitCodes.Queued);

        (await OpenAsync(site)).ShouldBe(["vcs.push"]);
    }

    [Fact]
    public async Task A_release_that_is_not_queued_leaves_the_renewal_that_is()
    {
        await using (var online = await _stage.OpenAsync([])) { await DoAsync(online, "vcs.acquire"); }
        await using (var offline = await _stage.OpenAsync(["--offline"])) { await DoAsync(offline, "vcs.renew"); }

        await using var site = await UnqueuedAsync();
        (await DoAsync(site, "vcs.release")).ExitCode.ShouldBe(ExitCodes.Unreachable);

        (await OpenAsync(site)).ShouldBe(["vcs.renew"]);
    }

    [Theory]
    [InlineData("vcs.release", "vcs.release", 1)]
    [InlineData("vcs.acquire", "vcs.push", 2)]
    [InlineData("vcs.push", "vcs.release", 2)]
    public async Task What_another_verb_waits_for_meanwhile_stays(string own, string others, int open)
    {
        if (own != "vcs.acquire")
        {
            await using var online = await _stage.OpenAsync([]);
            await DoAsync(online, "vcs.acquire");
        }

        _stage.Failures.Enqueue(new RemoteFailure(FailureCategory.Network, "Connection timeout"));
        using var interrupt = new CancellationTokenSource();
        await using var site = await _stage.OpenAsync(["--no-queue"], initialBackoff: "00:10:00");
        var verb = DoAsync(site, own, TimeSpan.FromHours(1), interrupt.Token);
        await UntilANoteAsync(site);

        await using var other = await _stage.OpenAsync(["--offline"], fraction: 0.5);
        (await DoAsync(other, others)).ExitCode.ShouldBe(ExitCodes.Queued);
        await interrupt.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => verb);

        (await OpenAsync(site)).Count.ShouldBe(open);
        _stage.Error.ToString().ShouldContain("stays queued");
    }

    private async Task<ProjectSite> UnqueuedAsync()
    {
        _stage.Reach = Reachability.Offline;
        var site = await _stage.OpenAsync(["--no-queue"]);
        await site.Store.WriteAsync(write => write.Execute("DELETE FROM vcs_remote")); // That it answered a moment ago is forgotten.
        return site;
    }

    /// <summary>The kinds of what is open, by the alphabet backwards.</summary>
    private static async Task<List<string>> OpenAsync(ProjectSite site) =>
        [.. (await site.Jobs.ListAsync(new JobQuery())).Where(job => job.State is JobState.Pending or JobState.Running).Select(job => job.Name).OrderByDescending(name => name, StringComparer.Ordinal)];

    private static Task<OperationEnd> DoAsync(ProjectSite site, string kind, TimeSpan? within = null, CancellationToken cancellationToken = default)
    {
        return kind switch
        {
            "vcs.push" => site.PerformAsync(ProjectStage.Push(), Within(ForegroundBudget.Push(site.Configuration)), cancellationToken),
            "vcs.acquire" => site.PerformAsync(ProjectStage.Acquire(), Within(ForegroundBudget.Acquire(site.Configuration)), cancellationToken),
            "vcs.renew" => site.PerformAsync(new RenewLock(ProjectStage.Clone, "song.logicx", 3_600), Within(ForegroundBudget.Renew(site.Configuration)), cancellationToken),
            "vcs.pull" => site.PerformAsync(new PullCommits(ProjectStage.Clone, "main"), Within(ForegroundBudget.Pull(site.Configuration)), cancellationToken),
            _ => site.PerformAsync(ProjectStage.Release(), Within(ForegroundBudget.Release(site.Configuration)), cancellationToken),
        };

        ForegroundBudget Within(ForegroundBudget budget) => budget with { Deadline = within ?? budget.Deadline };
    }

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
