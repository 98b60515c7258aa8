using Posthouse.Vcs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Transfer;

namespace Posthouse.SystemTests.Vcs.Transfer;

public sealed class StagedPushTests
{
    private const int Kilobyte = 1024;

    [Fact]
    public async Task A_large_push_goes_in_batches_and_leaves_nothing_behind()
    {
        using var shop = await Workshop.OpenAsync();
        var mine = await shop.CloneAsync("ana");
        var commit = await mine.CommitRandomAsync(10, 40 * Kilobyte);
        var (seen, batches) = (new List<TransferProgress>(), new List<GitCall>());
        var git = new FaultyGit(call =>
        {
            if (IsBatch(call))
                batches.Add(call);
            return Fault.None;
        });
        var outcome = await mine.Remote(git).PushAsync(Large(commit) with { OnProgress = seen.Add }, default);
        var progress = outcome.ShouldBeOfType<PushOutcome.Pushed>().Progress.ShouldNotBeNull();
        batches.Count.ShouldBe(5); // Two takes fit in one batch.
        progress.TransferredBytes.ShouldBe(progress.TotalBytes);
        progress.TotalBytes.ShouldBeInRange(400 * Kilobyte, 410 * Kilobyte);
        seen.Select(one => one.TransferredBytes).ShouldBe(seen.Select(one => one.TransferredBytes).Order());
        seen[0].TransferredBytes.ShouldBe(0);
        (await shop.SharedAsync("main")).ShouldBe(commit);
        (await shop.StagedAsync()).ShouldBeEmpty();
        PushSession.Load(mine.Project, "main").ShouldBeNull();
        await Workshop.RunAsync(shop.Bare, "fsck", "--strict");
    }

    [Theory]
    [InlineData(Fault.NotSent)]
    [InlineData(Fault.AnswerLost)]
    public async Task After_a_cut_it_goes_on_where_the_remote_stands(Fault fault)
    {
        using var shop = await Workshop.OpenAsync();
        var mine = await shop.CloneAsync("ana");
        var commit = await mine.CommitRandomAsync(10, 40 * Kilobyte);
        var batches = 0;
        var cut = new FaultyGit(call => IsBatch(call) && ++batches == 3 ? fault : batches >= 3 ? Fault.NotSent : Fault.None);
        (await mine.Remote(cut).PushAsync(Large(commit), default)).ShouldBeOfType<PushOutcome.Failed>().Failure.Category.ShouldBe(FailureCategory.Network);
        var session = PushSession.Load(mine.Project, "main").ShouldNotBeNull();
        session.TransferredBytes.ShouldBeInRange(160 * Kilobyte, 165 * Kilobyte); // Two batches, whatever became of the third.
        var there = (await shop.StagedAsync()).Length;
        there.ShouldBe(fault == Fault.NotSent ? 2 : 3);

        // What lies on the remote counts, not the file.
        PushSession.Forget(mine.Project, "main");
        var (sent, seen) = (0, new List<TransferProgress>());
        var well = new FaultyGit(call =>
        {
            sent += IsBatch(call) ? 1 : 0;
            return Fault.None;
        });
        (await mine.Remote(well).PushAsync(Large(commit) with { OnProgress = seen.Add }, default)).ShouldBeOfType<PushOutcome.Pushed>();
        sent.ShouldBe(5 - there);
        seen[0].TransferredBytes.ShouldBeInRange(there * 80 * Kilobyte, there * 82 * Kilobyte);
        (await shop.SharedAsync("main")).ShouldBe(commit);
        (await shop.StagedAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_restart_throws_away_what_was_staged()
    {
        using var shop = await Workshop.OpenAsync();
        var mine = await shop.CloneAsync("ana");
        var commit = await mine.CommitRandomAsync(6, 40 * Kilobyte);
        await CutAfterAsync(mine, commit, 2);
        var sent = 0;
        var git = new FaultyGit(call =>
        {
            sent += IsBatch(call) ? 1 : 0;
            return Fault.None;
        });
        (await mine.Remote(git).PushAsync(Large(commit) with { Restart = true }, default)).ShouldBeOfType<PushOutcome.Pushed>();
        sent.ShouldBe(3);
        (await shop.StagedAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task More_work_after_a_cut_uses_what_was_staged()
    {
        using var shop = await Workshop.OpenAsync();
        var mine = await shop.CloneAsync("ana");
        await CutAfterAsync(mine, await mine.CommitRandomAsync(6, 40 * Kilobyte), 2);
        var later = await mine.CommitRandomAsync(2, 40 * Kilobyte, seed: 2);
        var sent = 0;
        var git = new FaultyGit(call =>
        {
            sent += IsBatch(call) ? 1 : 0;
            return Fault.None;
        });
        (await mine.Remote(git).PushAsync(Large(later), default)).ShouldBeOfType<PushOutcome.Pushed>();
        sent.ShouldBe(2);
        (await shop.SharedAsync("main")).ShouldBe(later);
    }

    [Fact]
    public async Task Where_the_remote_takes_no_batches_a_plain_push_does_it()
    {
        using var shop = await Workshop.OpenAsync();
        var mine = await shop.CloneAsync("ana");
        await Workshop.RunAsync(shop.Bare, "config", "receive.hideRefs", "refs/posthouse");
        var commit = await mine.CommitRandomAsync(4, 40 * Kilobyte);
        (await mine.Remote().PushAsync(Large(commit), default)).ShouldBe(new PushOutcome.Pushed(null, null, false));
        (await shop.SharedAsync("main")).ShouldBe(commit);
        PushSession.Load(mine.Project, "main").ShouldBeNull();
    }

    [Fact]
    public void A_file_larger_than_a_batch_is_a_batch_of_its_own()
    {
        var blobs = new MissingBlob[] { new("a", 3), new("b", 50), new("c", 4), new("d", 6), new("e", 1) };
        MissingBlobs.Batches(blobs, 10).Select(batch => string.Concat(batch.Select(blob => blob.Id))).ShouldBe(["a", "b", "cd", "e"]);
        MissingBlobs.Batches([], 10).ShouldBeEmpty();
    }

    [Fact]
    public async Task Guards_are_made_anew_when_the_files_are_there()
    {
        using var shop = await Workshop.OpenAsync();
        var mine = await shop.CloneAsync("ana");
        var commit = await mine.CommitRandomAsync(4, 40 * Kilobyte);
        var staged = -1;
        var outcome = await mine.Remote().PushAsync(
            Large(commit) with
            {
                RefreshGuards = async _ =>
                {
                    staged = (await shop.StagedAsync()).Length;
                    return [];
                },
            },
            default);
        outcome.ShouldBeOfType<PushOutcome.Pushed>();
        staged.ShouldBe(2);
    }

    [Fact]
    public async Task Two_pushes_of_one_clone_take_turns()
    {
        using var shop = await Workshop.OpenAsync();
        var mine = await shop.CloneAsync("ana");
        var commit = await mine.CommitRandomAsync(4, 40 * Kilobyte);
        PushOutcome? second = null;
        var first = await mine.Remote().PushAsync(
            Large(commit) with
            {
                RefreshGuards = async _ =>
                {
                    second = await mine.Remote().PushAsync(Large(commit), default);
                    return [];
                },
            },
            default);
        first.ShouldBeOfType<PushOutcome.Pushed>();
        second.ShouldBeOfType<PushOutcome.Failed>().Failure.Category.ShouldBe(FailureCategory.Contention);
    }

    [Fact]
    public async Task Where_the_remote_moved_on_nothing_is_sent_before_that_is_said()
    {
        using var shop = await Workshop.OpenAsync();
        var (mine, commit) = await BehindAsync(shop);
        (await mine.Remote().PushAsync(Large(commit), default)).ShouldBeOfType<PushOutcome.Failed>().Failure.Category.ShouldBe(FailureCategory.Diverged);
        (await shop.StagedAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_remote_had_when_it_was_last_seen_is_not_sent_again_though_its_branch_moved_on()
    {
        using var shop = await Workshop.OpenAsync();
        var (mine, commit) = await BehindAsync(shop);
        var progress = (await mine.Remote().PushAsync(Large(commit) with { Branch = "mine" }, default)).ShouldBeOfType<PushOutcome.Pushed>().Progress.ShouldNotBeNull();
        progress.TotalBytes.ShouldBeInRange(160 * Kilobyte, 165 * Kilobyte);
        (await shop.SharedAsync("mine")).ShouldBe(commit);
    }

    [Fact]
    public async Task A_small_push_of_another_branch_leaves_the_batches_of_one_that_was_cut()
    {
        using var shop = await Workshop.OpenAsync();
        var mine = await shop.CloneAsync("ana");
        var first = await mine.CommitAsync(("a.txt", "a"));
        await mine.Remote().PushAsync(Large(first), default);
        await CutAfterAsync(mine, await mine.CommitRandomAsync(6, 40 * Kilobyte), 2);
        (await mine.Remote().PushAsync(Large(first) with { Branch = "notes" }, default)).ShouldBeOfType<PushOutcome.Pushed>();
        (await shop.StagedAsync()).Length.ShouldBe(2);
        PushSession.Load(mine.Project, "main").ShouldNotBeNull();
    }

    [Fact]
    public async Task A_large_push_of_another_branch_uses_the_batches_of_one_that_was_cut_and_leaves_them()
    {
        using var shop = await Workshop.OpenAsync();
        var mine = await shop.CloneAsync("ana");
        await CutAfterAsync(mine, await mine.CommitRandomAsync(6, 40 * Kilobyte), 2);
        var commit = await mine.CommitRandomAsync(4, 40 * Kilobyte, seed: 2);
        var batches = 0;
        var git = new FaultyGit(call =>
        {
            batches += IsBatch(call) ? 1 : 0;
            return Fault.None;
        });
        (await mine.Remote(git).PushAsync(Large(commit) with { Branch = "mix" }, default)).ShouldBeOfType<PushOutcome.Pushed>();

        batches.ShouldBe(3, "six files of ten were left to send, two in a batch");
        (await shop.StagedAsync()).Length.ShouldBe(2);
        (await shop.SharedAsync("mix")).ShouldBe(commit);
        await mine.Remote().PushAsync(Large(commit), default);
        (await shop.StagedAsync()).ShouldBeEmpty();
    }

    /// <summary>A clone with new work, whose remote has all the work before it and moved on.</summary>
    private static async Task<(Clone Mine, string Commit)> BehindAsync(Workshop shop)
    {
        var mine = await shop.CloneAsync("ana");
        (await mine.Remote().PushAsync(Large(await mine.CommitRandomAsync(6, 40 * Kilobyte)), default)).ShouldBeOfType<PushOutcome.Pushed>();
        await mine.GitAsync("fetch", "--quiet", "origin");
        var theirs = await shop.CloneAsync("bo");
        (await theirs.Remote().PushAsync(Large(await theirs.CommitAsync(("b.txt", "b"))), default)).ShouldBeOfType<PushOutcome.Pushed>();
        return (mine, await mine.CommitRandomAsync(4, 40 * Kilobyte, seed: 2));
    }

    [Fact]
    public async Task Abandoned_batches_are_found_after_seven_days_and_removed()
    {
        using var shop = await Workshop.OpenAsync();
        var (mine, theirs) = (await shop.CloneAsync("ana"), await shop.CloneAsync("bo"));
        await CutAfterAsync(mine, await mine.CommitRandomAsync(6, 40 * Kilobyte), 2);
        (await new StageCleanup(Workshop.Git, theirs.Project, TimeProvider.System).FindAbandonedAsync(default)).ShouldBeEmpty();
        var cleanup = new StageCleanup(Workshop.Git, theirs.Project, new LaterTime(StageCleanup.AbandonedAfter + TimeSpan.FromMinutes(1)));
        var abandoned = await cleanup.FindAbandonedAsync(default);
        abandoned.Select(batch => (batch.CloneId, batch.Number)).Order().ShouldBe([(mine.Project.CloneId, 1), (mine.Project.CloneId, 2)]);
        (await cleanup.RemoveAsync(abandoned, default)).ShouldBe(2);
        (await shop.StagedAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Somebody_who_pushes_right_after_takes_nothing_from_a_push_that_arrived()
    {
        using var shop = await Workshop.OpenAsync();
        var (mine, theirs) = (await shop.CloneAsync("ana"), await shop.CloneAsync("bo"));
        var commit = await mine.CommitRandomAsync(4, 40 * Kilobyte);
        var follows = new AfterGit(IsBranch, async () =>
        {
            await theirs.GitAsync("pull", "--quiet", "origin", "main");
            await theirs.PublishAsync(("more.txt", "more"));
        });
        (await mine.Remote(follows).PushAsync(Large(commit), default)).ShouldBeOfType<PushOutcome.Pushed>().Progress.ShouldNotBeNull();
        (await shop.SharedAsync("main")).ShouldBe(await theirs.HeadAsync());
    }

    [Fact]
    public async Task A_branch_that_was_replaced_right_after_is_told_as_unknown()
    {
        using var shop = await Workshop.OpenAsync();
        var (mine, theirs) = (await shop.CloneAsync("ana"), await shop.CloneAsync("bo"));
        var commit = await mine.CommitRandomAsync(4, 40 * Kilobyte);
        await theirs.CommitAsync(("other.txt", "other"));
        var replaces = new AfterGit(IsBranch, async () => await theirs.GitAsync("push", "--quiet", "--force", "origin", "main"));
        (await mine.Remote(replaces).PushAsync(Large(commit), default)).ShouldBeOfType<PushOutcome.Failed>().Failure.Category.ShouldBe(FailureCategory.Ambiguous);
    }

    private static async Task CutAfterAsync(Clone clone, string commit, int batches)
    {
        var sent = 0;
        var git = new FaultyGit(call => IsBatch(call) && ++sent > batches ? Fault.NotSent : Fault.None);
        (await clone.Remote(git).PushAsync(Large(commit), default)).ShouldBeOfType<PushOutcome.Failed>();
    }

    private static PushRequest Large(string commit) => new("main", commit) { StagedThresholdBytes = 100 * Kilobyte, BatchBytes = 90 * Kilobyte };

    private static bool IsBatch(GitCall call) => call.Arguments.Contains("push") && call.Arguments[^1].IndexOf(":refs/posthouse/stage/", StringComparison.Ordinal) > 0;

    private static bool IsBranch(GitCall call) => call.Arguments.Contains("push") && call.Arguments[^1].EndsWith(":refs/heads/main", StringComparison.Ordinal);

    /// <summary>A Git behind which something happens right after certain runs.</summary>
    private sealed class AfterGit(Func<GitCall, bool> isMeant, Func<Task> then) : IGit
    {
        public async Task<GitResult> RunAsync(GitCall call, CancellationToken cancellationToken)
        {
            var result = await Workshop.Git.RunAsync(call, cancellationToken);
            if (isMeant(call)) { await then(); }
            return result;
        }
    }
}
