using Posthouse.SystemTests.Vcs.Transfer;
using Posthouse.Vcs;
using Posthouse.Vcs.Comments;

namespace Posthouse.SystemTests.Vcs.Comments;

public sealed class CommentTests
{
    [Fact]
    public async Task A_comment_stays_with_the_commit_that_was_meant()
    {
        var (shop, ana, bo) = await TwoAsync();
        using var _ = shop;
        var first = await ana.HeadAsync();
        var comment = await ana.Comments().AddAsync("HEAD", "  The snare is late.\r\nListen at 0:42. ");
        comment.Text.ShouldBe("The snare is late.\nListen at 0:42.");
        (comment.Commit, comment.Author, comment.Email).ShouldBe((first, "ana", "ana@example.org"));
        comment.Id[14].ShouldBe('7');
        await ana.CommitAsync(("song", "2"));
        (await ana.Comments().ListAsync("HEAD")).ShouldBeEmpty();
        (await ana.Comments().ListAsync("HEAD~1")).ShouldBe([comment]);
        (await bo.Comments().ListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Replies_edits_and_removals_look_the_same_on_both_sides()
    {
        var (shop, ana, bo) = await TwoAsync();
        using var _ = shop;
        var first = await ana.Comments().AddAsync("main", "The snare is late.");
        var gone = await ana.Comments().AddAsync("main", "Never mind this one.");
        (await ana.Comments().SyncAsync(default)).ShouldBe(new CommentSync.Done(2, 0));
        (await bo.Comments().SyncAsync(default)).ShouldBe(new CommentSync.Done(0, 2));
        var reply = await bo.Comments().AddAsync("main", "On purpose.", first.Id);
        await ana.Comments().EditAsync(first.Id, "The snare is 20 ms late.");
        await ana.Comments().DeleteAsync(gone.Id);
        (await bo.Comments().SyncAsync(default)).ShouldBe(new CommentSync.Done(1, 0));
        (await ana.Comments().SyncAsync(default)).ShouldBe(new CommentSync.Done(2, 1));
        (await bo.Comments().SyncAsync(default)).ShouldBe(new CommentSync.Done(0, 2));
        var shown = await bo.Comments().ListAsync("main");
        shown.Select(one => (one.Id, one.Text, one.ReplyTo)).ShouldBe([(first.Id, "The snare is 20 ms late.", null), (reply.Id, "On purpose.", first.Id)]);
        (await ana.Comments().ListAsync("main")).ShouldBe(shown);
        (await ana.Comments().SyncAsync(default)).ShouldBe(new CommentSync.Done(0, 0));
    }

    [Fact]
    public async Task Only_its_author_changes_a_comment_and_bad_input_is_refused()
    {
        var (shop, ana, bo) = await TwoAsync();
        using var _ = shop;
        var comment = await ana.Comments().AddAsync("main", "Mine.");
        await ana.Comments().SyncAsync(default);
        await bo.Comments().SyncAsync(default);
        (await Should.ThrowAsync<PosthouseException>(() => bo.Comments().EditAsync(comment.Id, "Yours."))).Message.ShouldContain("only its author");
        await Should.ThrowAsync<PosthouseException>(() => ana.Comments().AddAsync("nowhere", "x"));
        await Should.ThrowAsync<PosthouseException>(() => ana.Comments().AddAsync("main", " \n "));
        await Should.ThrowAsync<PosthouseException>(() => ana.Comments().AddAsync("main", new string('x', Comment.MaxText + 1)));
        await Should.ThrowAsync<PosthouseException>(() => ana.Comments().AddAsync("main", "x", "ffffffff"));
    }

    [Fact]
    public async Task What_others_put_into_the_tree_neither_breaks_nor_gets_lost()
    {
        var (shop, ana, bo) = await TwoAsync();
        using var _ = shop;
        await ana.Comments().AddAsync("main", "\u001b[2JLook");
        await ana.Comments().SyncAsync(default);
        await ana.GitAsync("fetch", "--quiet", "origin", "refs/posthouse/comments");
        var work = ana.Root + " tampered";
        await ana.GitAsync("worktree", "add", "--quiet", "--detach", work, "FETCH_HEAD");
        var commit = await ana.HeadAsync();
        Directory.CreateDirectory(Path.Combine(work, commit));
        await File.WriteAllTextAsync(Path.Combine(work, "README"), "of a later version");
        await File.WriteAllTextAsync(Path.Combine(work, commit, "01900000-0000-7000-8000-000000000000.json"), "{");
        await File.WriteAllBytesAsync(Path.Combine(work, commit, "01900000-0000-7000-8000-000000000001.json"), new byte[Comment.MaxBytes + 1]);
        await Workshop.RunAsync(work, "add", "--all");
        await Workshop.RunAsync(work, "commit", "--quiet", "-m", "Tampered");
        await Workshop.RunAsync(work, "push", "--quiet", "origin", "HEAD:refs/posthouse/comments");
        await bo.Comments().AddAsync("main", "Mine");
        (await bo.Comments().SyncAsync(default)).ShouldBe(new CommentSync.Done(1, 1));
        (await bo.Comments().ListAsync()).Select(one => one.Text).ShouldBe(["[2JLook", "Mine"]);
        (await Workshop.RunAsync(shop.Bare, "ls-tree", "-r", "--name-only", "refs/posthouse/comments")).Split('\n').Length.ShouldBe(5);
    }

    [Fact]
    public async Task Neither_work_tree_nor_index_nor_hooks_are_touched()
    {
        var (shop, ana, _) = await TwoAsync();
        using var __ = shop;
        ana.Write("song", "not committed");
        ana.Write("new", "staged");
        await ana.GitAsync("add", "new");
        var index = await File.ReadAllBytesAsync(Path.Combine(ana.Project.GitFolder, "index"));
        var hook = Path.Combine(ana.Project.GitFolder, "hooks", "pre-push");
        Workshop.WriteScript(hook, "exit 1");
        await ana.Comments().AddAsync("main", "x");
        (await ana.Comments().SyncAsync(default)).ShouldBe(new CommentSync.Done(1, 0));
        (await File.ReadAllBytesAsync(Path.Combine(ana.Project.GitFolder, "index"))).ShouldBe(index);
        (await ana.GitAsync("status", "--porcelain")).ShouldBe("A  new\n M song");
    }

    [Fact]
    public async Task A_remote_that_is_away_loses_nothing()
    {
        var (shop, ana, _) = await TwoAsync();
        using var __ = shop;
        await ana.Comments().AddAsync("main", "x");
        var away = new FaultyGit(call => call.Talks ? Fault.NotSent : Fault.None);
        (await ana.Comments(away).SyncAsync(default)).ShouldBeOfType<CommentSync.Failed>().Failure.Category.ShouldBe(FailureCategory.Network);
        (await ana.Comments().SyncAsync(default)).ShouldBe(new CommentSync.Done(1, 0));
    }

    public static IEnumerable<TheoryDataRow<int>> Seeds => Enumerable.Range(1, 50).Select(seed => new TheoryDataRow<int>(seed));

    /// <summary>Two authors write and exchange in any order, also at once, and with answers lost on the way.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task No_comment_is_lost_in_any_order(int seed)
    {
        var (shop, ana, bo) = await TwoAsync();
        using var _ = shop;
        var (random, written) = (new Random(seed), new List<string>());
        for (var step = 0; step < 8; step++)
        {
            var who = random.Next(2) == 0 ? ana : bo;
            switch (random.Next(5))
            {
                case 0 or 1:
                    written.Add((await who.Comments().AddAsync("main", $"step {step}")).Id);
                    break;
                case 2:
                    await who.Comments().SyncAsync(default);
                    break;
                case 3:
                    await Task.WhenAll(ana.Comments().SyncAsync(default), bo.Comments().SyncAsync(default));
                    break;
                default:
                    await who.Comments(new FaultyGit(call => call.Arguments[0] == "push" ? (Fault)random.Next(3) : Fault.None)).SyncAsync(default);
                    break;
            }
        }

        foreach (var who in (Clone[])[ana, bo, ana])
        {
            (await who.Comments().SyncAsync(default)).ShouldBeOfType<CommentSync.Done>();
        }

        foreach (var who in (Clone[])[ana, bo])
        {
            (await who.Comments().ListAsync()).Select(one => one.Id).Order().ShouldBe(written.Order());
        }

        var names = (await Workshop.RunAsync(shop.Bare, "for-each-ref", "--format=%(refname)", "refs/posthouse/comments")).Length == 0
            ? [] : (await Workshop.RunAsync(shop.Bare, "ls-tree", "-r", "--name-only", "refs/posthouse/comments")).Split('\n');
        names.Select(name => name.Split('/')[1][..^5]).Order().ShouldBe(written.Order());
    }

    private static async Task<(Workshop Shop, Clone Ana, Clone Bo)> TwoAsync()
    {
        var shop = await Workshop.OpenAsync();
        var ana = await shop.CloneAsync("ana");
        await ana.PublishAsync(("song", "1"));
        return (shop, ana, await shop.CloneAsync("bo"));
    }
}
