using Posthouse.Vcs;
using Posthouse.Vcs.Transfer;

namespace Posthouse.SystemTests.Vcs.Transfer;

public sealed class PullTests
{
    [Fact]
    public async Task A_pull_moves_forwards_and_then_finds_nothing_new()
    {
        var (shop, mine, theirs) = await TwoAsync();
        using var _ = shop;
        var (from, to) = (await mine.HeadAsync(), await theirs.PublishAsync(("song", "2"), ("new/take", "x")));
        (await PullAsync(mine)).ShouldBe(new PullOutcome.Pulled(from, to, 0));
        mine.Read("song").ShouldBe("2");
        (await PullAsync(mine)).ShouldBeOfType<PullOutcome.UpToDate>();
    }

    [Fact]
    public async Task Changes_elsewhere_in_the_work_tree_stay_and_do_not_hinder()
    {
        var (shop, mine, theirs) = await TwoAsync();
        using var _ = shop;
        await theirs.PublishAsync(("song", "2"));
        mine.Write("notes", "mine");
        (await PullAsync(mine)).ShouldBeOfType<PullOutcome.Pulled>();
        (mine.Read("song"), mine.Read("notes")).ShouldBe(("2", "mine"));
    }

    [Theory]
    [InlineData("song")] // Changed, and known to Git.
    [InlineData("take")] // Unknown to Git.
    [InlineData("cache/take")] // Ignored: a plain merge would overwrite it without a word.
    [InlineData("stems")] // A file where the remote has a folder.
    public async Task Work_that_is_only_here_is_named_and_nothing_changes(string path)
    {
        var (shop, mine, theirs) = await TwoAsync();
        using var _ = shop;
        await theirs.PublishAsync(("song", "2"), ("take", "theirs"), ("cache/take", "theirs"), ("stems/1", "theirs"));
        await File.AppendAllTextAsync(Path.Combine(mine.Project.GitFolder, "info", "exclude"), "cache\n");
        mine.Write(path, "only here");
        var before = await mine.HeadAsync();
        foreach (var mode in (PullMode[])[PullMode.FastForwardOnly, PullMode.Rebase])
        {
            var failure = Failure(await PullAsync(mine, mode));
            failure.Code.ShouldBe(VcsErrors.LocalChanges);
            failure.Message.ShouldContain("  " + path);
            failure.Hint.ShouldNotBeNullOrEmpty();
        }

        (await mine.HeadAsync()).ShouldBe(before);
        mine.Read(path).ShouldBe("only here");
    }

    [Fact]
    public async Task An_ignored_file_in_the_way_of_a_rebase_survives()
    {
        var (shop, mine, theirs) = await TwoAsync();
        using var _ = shop;
        await theirs.PublishAsync(("cache/take", "theirs"));
        await mine.CommitAsync(("notes", "mine"));
        await File.AppendAllTextAsync(Path.Combine(mine.Project.GitFolder, "info", "exclude"), "cache\n");
        mine.Write("cache/take", "only here");
        Failure(await PullAsync(mine, PullMode.Rebase)).Code.ShouldBe(VcsErrors.LocalChanges);
        mine.Read("cache/take").ShouldBe("only here");
    }

    [Fact]
    public async Task Both_sides_ahead_is_refused_and_a_rebase_of_other_files_puts_mine_on_top()
    {
        var (shop, mine, theirs) = await TwoAsync();
        using var _ = shop;
        var to = await theirs.PublishAsync(("song", "2"));
        await mine.CommitAsync(("notes", "mine"));
        await mine.CommitAsync(("notes", "mine 2"));
        var failure = Failure(await PullAsync(mine));
        failure.Code.ShouldBe(VcsErrors.Diverged);
        failure.Hint.ShouldNotBeNull().ShouldContain("--rebase");
        (await PullAsync(mine, PullMode.Rebase)).ShouldBeOfType<PullOutcome.Pulled>().Rebased.ShouldBe(2);
        (await mine.GitAsync("rev-parse", "HEAD~2")).ShouldBe(to);
        (mine.Read("song"), mine.Read("notes")).ShouldBe(("2", "mine 2"));
    }

    [Fact]
    public async Task A_file_that_both_changed_is_never_merged()
    {
        var (shop, mine, theirs) = await TwoAsync();
        using var _ = shop;
        await theirs.PublishAsync(("song", "theirs"));
        var before = await mine.CommitAsync(("song", "mine"));
        var failure = Failure(await PullAsync(mine, PullMode.Rebase));
        failure.Code.ShouldBe(VcsErrors.Diverged);
        failure.Message.ShouldContain("  song");
        (await mine.HeadAsync()).ShouldBe(before);
        (await mine.GitAsync("status", "--porcelain")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_rebase_wants_a_clean_work_tree()
    {
        var (shop, mine, theirs) = await TwoAsync();
        using var _ = shop;
        await theirs.PublishAsync(("song", "2"));
        await mine.CommitAsync(("notes", "mine"));
        mine.Write("notes", "not yet committed");
        Failure(await PullAsync(mine, PullMode.Rebase)).Code.ShouldBe(VcsErrors.LocalChanges);
        mine.Read("notes").ShouldBe("not yet committed");
    }

    [Fact]
    public async Task A_detached_head_stays_and_only_the_branch_moves()
    {
        var (shop, mine, theirs) = await TwoAsync();
        using var _ = shop;
        var at = await mine.HeadAsync();
        await mine.GitAsync("checkout", "--quiet", "--detach");
        var to = await theirs.PublishAsync(("song", "2"));
        (await PullAsync(mine)).ShouldBe(new PullOutcome.Pulled(at, to, 0));
        (await mine.GitAsync("rev-parse", "main")).ShouldBe(to);
        (await mine.HeadAsync()).ShouldBe(at);
        mine.Read("song").ShouldBe("1");
    }

    [Fact]
    public async Task A_branch_of_another_work_tree_is_left_alone()
    {
        var (shop, mine, theirs) = await TwoAsync();
        using var _ = shop;
        var at = await mine.HeadAsync();
        await mine.GitAsync("checkout", "--quiet", "--detach");
        await mine.GitAsync("worktree", "add", "--quiet", mine.Root + " second", "main");
        await theirs.PublishAsync(("song", "2"));
        Failure(await PullAsync(mine)).Message.ShouldContain("another work tree");
        (await mine.GitAsync("rev-parse", "main")).ShouldBe(at);
    }

    [Fact]
    public async Task A_clone_without_commits_gets_the_remotes_and_keeps_files_in_the_way()
    {
        using var shop = await Workshop.OpenAsync();
        var (mine, theirs) = (await shop.CloneAsync("ana"), await shop.CloneAsync("bo"));
        var to = await theirs.PublishAsync(("song", "1"));
        mine.Write("song", "only here");
        Failure(await PullAsync(mine)).Code.ShouldBe(VcsErrors.LocalChanges);
        mine.Read("song").ShouldBe("only here");
        File.Delete(mine.At("song"));
        (await PullAsync(mine)).ShouldBe(new PullOutcome.Pulled(null, to, 0));
        mine.Read("song").ShouldBe("1");
    }

    [Fact]
    public async Task A_held_index_is_contention_and_names_the_file()
    {
        var (shop, mine, theirs) = await TwoAsync();
        using var _ = shop;
        await theirs.PublishAsync(("song", "2"));
        var held = Path.Combine(mine.Project.GitFolder, "index.lock");
        await File.WriteAllTextAsync(held, "");
        var failure = Failure(await PullAsync(mine));
        failure.Category.ShouldBe(FailureCategory.Contention);
        failure.Hint.ShouldNotBeNull().ShouldContain(held);
        mine.Read("song").ShouldBe("1");
        File.Delete(held);
        (await PullAsync(mine)).ShouldBeOfType<PullOutcome.Pulled>();
    }

    [Fact]
    public async Task An_unfinished_merge_is_finished_first()
    {
        var (shop, mine, theirs) = await TwoAsync();
        using var _ = shop;
        await theirs.PublishAsync(("song", "2"));
        await mine.GitAsync("checkout", "--quiet", "-b", "side");
        await mine.CommitAsync(("side", "1"));
        await mine.GitAsync("checkout", "--quiet", "main");
        await mine.GitAsync("merge", "--quiet", "--no-commit", "--no-ff", "side");
        var failure = Failure(await PullAsync(mine));
        failure.Code.ShouldBe(VcsErrors.LocalChanges);
        failure.Hint.ShouldNotBeNull().ShouldContain("git merge --abort");
    }

    [Fact]
    public async Task Nothing_changes_when_the_remote_is_away_or_has_no_such_branch()
    {
        var (shop, mine, theirs) = await TwoAsync();
        using var _ = shop;
        await theirs.PublishAsync(("song", "2"));
        var git = new FaultyGit(call => call.Arguments[0] == "fetch" ? Fault.NotSent : Fault.None);
        Failure(await mine.Remote(git).PullAsync(new PullRequest("main", PullMode.FastForwardOnly), default)).Category.ShouldBe(FailureCategory.Network);
        Failure(await mine.Remote().PullAsync(new PullRequest("nowhere", PullMode.FastForwardOnly), default)).IsTransient.ShouldBeFalse();
        mine.Read("song").ShouldBe("1");
    }

    private static Task<PullOutcome> PullAsync(Clone clone, PullMode mode = PullMode.FastForwardOnly) => clone.Remote().PullAsync(new PullRequest("main", mode), default);

    private static RemoteFailure Failure(PullOutcome outcome) => outcome.ShouldBeOfType<PullOutcome.Failed>().Failure;

    private static async Task<(Workshop Shop, Clone Mine, Clone Theirs)> TwoAsync()
    {
        var shop = await Workshop.OpenAsync();
        var theirs = await shop.CloneAsync("bo");
        await theirs.PublishAsync(("song", "1"), ("notes", "1"));
        return (shop, await shop.CloneAsync("ana"), theirs);
    }
}
