using Posthouse.Vcs;
using Posthouse.Vcs.Transfer;

namespace Posthouse.SystemTests.Vcs.Transfer;

public sealed class PushTests
{
    private const string Lock = "refs/posthouse/locks/0123456789012345678901234567890123456789";

    [Fact]
    public async Task A_push_moves_the_branch_and_tells_where_it_was()
    {
        using var shop = await Workshop.OpenAsync();
        var mine = await shop.CloneAsync("ana");
        var first = await mine.CommitAsync(("song", "1"));
        (await mine.Remote().PushAsync(new PushRequest("main", first), default)).ShouldBe(new PushOutcome.Pushed(null, null, false));
        var second = await mine.CommitAsync(("song", "2"));
        (await mine.Remote().PushAsync(new PushRequest("main", second), default)).ShouldBe(new PushOutcome.Pushed(first, null, false));
        (await mine.Remote().PushAsync(new PushRequest("main", second), default)).ShouldBeOfType<PushOutcome.UpToDate>();
        (await shop.SharedAsync("main")).ShouldBe(second);
    }

    [Fact]
    public async Task A_push_from_behind_is_refused_and_the_next_step_is_named()
    {
        using var shop = await Workshop.OpenAsync();
        var mine = await shop.CloneAsync("ana");
        await mine.PublishAsync(("song", "1"));
        var theirs = await (await shop.CloneAsync("bo")).PublishAsync(("other", "1"));
        var failure = Failure(await mine.Remote().PushAsync(new PushRequest("main", await mine.CommitAsync(("song", "2"))), default));
        failure.Code.ShouldBe(VcsErrors.Diverged);
        failure.Hint.ShouldNotBeNull().ShouldContain("posthouse pull");
        (await shop.SharedAsync("main")).ShouldBe(theirs);
    }

    [Fact]
    public async Task Force_with_lease_replaces_the_named_commit_and_no_other()
    {
        using var shop = await Workshop.OpenAsync();
        var mine = await shop.CloneAsync("ana");
        var first = await mine.PublishAsync(("song", "1"));
        var second = await mine.PublishAsync(("song", "2"));
        await mine.GitAsync("reset", "--quiet", "--hard", first);
        var other = await mine.CommitAsync(("song", "3"));
        var stale = Failure(await mine.Remote().PushAsync(new PushRequest("main", other) { ForceWithLease = first }, default));
        stale.Code.ShouldBe(VcsErrors.Diverged);
        (await mine.Remote().PushAsync(new PushRequest("main", other) { ForceWithLease = second }, default)).ShouldBe(new PushOutcome.Pushed(second, null, false) { IsReplaced = true });
        (await shop.SharedAsync("main")).ShouldBe(other);
    }

    [Fact]
    public async Task A_fenced_push_takes_branch_and_lock_in_one_transaction()
    {
        using var shop = await Workshop.OpenAsync();
        var (mine, guard) = await HolderAsync(shop);
        var commit = await mine.CommitAsync(("song", "2"));
        var outcome = await mine.Remote().PushAsync(new PushRequest("main", commit) { Guards = [guard] }, default);
        outcome.ShouldBeOfType<PushOutcome.Pushed>().IsFenced.ShouldBeTrue();
        (await shop.SharedAsync("main")).ShouldBe(commit);
        (await shop.SharedAsync(Lock)).ShouldBe(guard.Renewal);
    }

    [Fact]
    public async Task A_fenced_push_without_an_answer_has_arrived_though_another_pushed_on_top_before_the_look()
    {
        using var shop = await Workshop.OpenAsync();
        var (mine, guard) = await HolderAsync(shop);
        var commit = await mine.CommitAsync(("song", "2"));
        var git = new FaultyGit(call =>
        {
            if (call.Arguments[0] == "ls-remote") { shop.SharedAsync("main").Result.ShouldBe(commit); AddOnTop(shop, commit); }
            return call.Arguments[0] == "push" ? Fault.AnswerLost : Fault.None;
        });

        (await mine.Remote(git).PushAsync(new PushRequest("main", commit) { Guards = [guard] }, default)).ShouldBeOfType<PushOutcome.Pushed>();
        (await mine.Remote().PushAsync(new PushRequest("main", await mine.CommitAsync(("song", "3"))), default)).ShouldBeOfType<PushOutcome.Failed>();
    }

    private static void AddOnTop(Workshop shop, string commit)
    {
        var next = Workshop.RunAsync(shop.Bare, "-c", "user.name=bo", "-c", "user.email=bo@example.org", "commit-tree", $"{commit}^{{tree}}", "-p", commit, "-m", "On top").Result;
        Workshop.RunAsync(shop.Bare, "update-ref", "refs/heads/main", next).Wait();
    }

    [Fact]
    public async Task A_lost_lock_keeps_the_branch_where_it_was()
    {
        using var shop = await Workshop.OpenAsync();
        var (mine, guard) = await HolderAsync(shop);
        var (before, thief) = (await shop.SharedAsync("main"), await RecordAsync(mine, "broken"));
        await mine.GitAsync("push", "--quiet", "--force", "origin", $"{thief}:{Lock}");
        var failure = Failure(await mine.Remote().PushAsync(new PushRequest("main", await mine.CommitAsync(("song", "2"))) { Guards = [guard] }, default));
        failure.Category.ShouldBe(FailureCategory.LockConflict);
        (await shop.SharedAsync("main")).ShouldBe(before);
        (await shop.SharedAsync(Lock)).ShouldBe(thief);
    }

    [Fact]
    public async Task A_fenced_push_from_behind_is_diverged_and_renews_nothing()
    {
        using var shop = await Workshop.OpenAsync();
        var (mine, guard) = await HolderAsync(shop);
        await (await shop.CloneAsync("bo")).PublishAsync(("other", "1"));
        var failure = Failure(await mine.Remote().PushAsync(new PushRequest("main", await mine.CommitAsync(("song", "2"))) { Guards = [guard] }, default));
        failure.Code.ShouldBe(VcsErrors.Diverged);
        (await shop.SharedAsync(Lock)).ShouldBe(guard.Expected);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_transactions_the_lock_is_renewed_first_and_the_answer_says_unfenced(bool isLost)
    {
        using var shop = await Workshop.OpenAsync();
        var (mine, guard) = await HolderAsync(shop);
        await Workshop.RunAsync(shop.Bare, "config", "receive.advertiseAtomic", "false");
        if (isLost)
            await mine.GitAsync("push", "--quiet", "--force", "origin", $"{await RecordAsync(mine, "broken")}:{Lock}");
        var (before, commit) = (await shop.SharedAsync("main"), await mine.CommitAsync(("song", "2")));
        var outcome = await mine.Remote().PushAsync(new PushRequest("main", commit) { Guards = [guard] }, default);
        if (isLost)
            Failure(outcome).Category.ShouldBe(FailureCategory.LockConflict);
        else
            outcome.ShouldBeOfType<PushOutcome.Pushed>().IsFenced.ShouldBeFalse();
        (await shop.SharedAsync("main")).ShouldBe(isLost ? before : commit);
    }

    [Fact]
    public async Task A_lost_answer_is_looked_up_and_counts_as_done()
    {
        using var shop = await Workshop.OpenAsync();
        var (mine, guard) = await HolderAsync(shop);
        var commit = await mine.CommitAsync(("song", "2"));
        var git = new FaultyGit(call => call.Arguments[0] == "push" ? Fault.AnswerLost : Fault.None);
        (await mine.Remote(git).PushAsync(new PushRequest("main", commit) { Guards = [guard] }, default)).ShouldBeOfType<PushOutcome.Pushed>();
        (await mine.Remote().PushAsync(new PushRequest("main", commit) { Guards = [guard] }, default)).ShouldBeOfType<PushOutcome.UpToDate>();
    }

    [Fact]
    public async Task The_persons_own_hook_runs_and_its_refusal_is_told_in_its_words()
    {
        using var shop = await Workshop.OpenAsync();
        var mine = await shop.CloneAsync("ana");
        await mine.PublishAsync(("song", "1"));
        var hook = Path.Combine(mine.Project.GitFolder, "hooks", "pre-push");
        Workshop.WriteScript(hook, "echo 'the mix is not bounced' >&2\nexit 1");
        var failure = Failure(await mine.Remote().PushAsync(new PushRequest("main", await mine.CommitAsync(("song", "2"))), default));
        failure.Category.ShouldBe(FailureCategory.Local);
        failure.Message.ShouldContain("the mix is not bounced");
    }

    [Fact]
    public async Task The_persons_own_hook_hears_of_the_branch_alone_also_where_locks_go_along()
    {
        using var shop = await Workshop.OpenAsync();
        var (mine, guard) = await HolderAsync(shop);
        var (hook, heard) = (Path.Combine(mine.Project.GitFolder, "hooks", "pre-push"), Path.Combine(shop.Bare, "heard"));
        Workshop.WriteScript(hook, $"cat >> '{heard}'\nexit 1");
        var (before, commit) = (await shop.SharedAsync("main"), await mine.CommitAsync(("song", "2")));
        var push = new PushRequest("main", commit) { Guards = [guard] };
        Failure(await mine.Remote().PushAsync(push, default)).Message.ShouldStartWith("Your pre-push hook refused the push");
        (await shop.SharedAsync("main"), await shop.SharedAsync(Lock)).ShouldBe((before, guard.Expected));
        Workshop.WriteScript(hook, $"cat >> '{heard}'");
        (await mine.Remote().PushAsync(push, default)).ShouldBeOfType<PushOutcome.Pushed>().IsFenced.ShouldBeTrue();
        (await File.ReadAllLinesAsync(heard)).Distinct().ShouldHaveSingleItem().ShouldEndWith($" refs/heads/main {before}");
        (await File.ReadAllLinesAsync(heard)).Length.ShouldBe(2);
    }

    [Fact]
    public async Task A_branch_that_another_moves_meanwhile_is_no_lost_lock()
    {
        using var shop = await Workshop.OpenAsync();
        var (mine, guard) = await HolderAsync(shop);
        var held = Path.Combine(shop.Bare, "refs", "heads", "main.lock");
        var commit = await mine.CommitAsync(("song", "2"));
        await File.WriteAllTextAsync(held, "");
        Failure(await mine.Remote().PushAsync(new PushRequest("main", commit) { Guards = [guard] }, default)).Category.ShouldBe(FailureCategory.Contention);
        File.Delete(held);
        (await mine.Remote().PushAsync(new PushRequest("main", commit) { Guards = [guard] }, default)).ShouldBeOfType<PushOutcome.Pushed>();
    }

    private static RemoteFailure Failure(PushOutcome outcome) => outcome.ShouldBeOfType<PushOutcome.Failed>().Failure;

    private static async Task<(Clone Clone, PushGuard Guard)> HolderAsync(Workshop shop)
    {
        var mine = await shop.CloneAsync("ana");
        await mine.PublishAsync(("song", "1"));
        var held = await RecordAsync(mine, "held");
        await mine.GitAsync("push", "--quiet", "origin", $"{held}:{Lock}");
        return (mine, new PushGuard(Lock, held, await RecordAsync(mine, "renewed", "-p", held)));
    }

    private static async Task<string> RecordAsync(Clone clone, string what, params string[] parents) =>
        await clone.GitAsync(["commit-tree", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", .. parents, "-m", what]);
}
