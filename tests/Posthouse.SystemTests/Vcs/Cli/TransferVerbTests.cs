using System.Text.Json;

namespace Posthouse.SystemTests.Vcs.Cli;

[Collection(OnePocket.Name)]
public sealed class TransferVerbTests : IDisposable
{
    private readonly VerbStage _stage = new();

    private Person Ann => _stage.Ann;

    private Person Bob => _stage.Bob;

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task A_push_says_what_it_sent_and_gives_the_lock_back()
    {
        await Ann.RunAsync("lock", "acquire");
        var tip = Ann.Commit("mix.txt", "two");
        var said = await Ann.RunAsync("push", "--release", "--json");

        (said.Exit, said.Status).ShouldBe((0, "pushed"));
        said.Data.GetProperty("commit").GetString().ShouldBe(tip);
        foreach (var member in (string[])["total_bytes", "transferred_bytes", "checkpoint"]) { said.Data.TryGetProperty(member, out _).ShouldBeTrue(member); }
        VerbStage.Git(_stage.Remote, "rev-parse", "main").ShouldBe(tip);
        (await Bob.RunAsync("lock", "status", "--json")).Status.ShouldBe("released");
    }

    [Fact]
    public async Task A_push_that_would_overwrite_others_work_is_refused_with_9()
    {
        Ann.Commit("mix.txt", "two");
        await Ann.RunAsync("push");
        Bob.Commit("other.txt", "two");
        var said = await Bob.RunAsync("push", "--json");

        (said.Exit, said.Code).ShouldBe((9, "DIVERGED"));
    }

    [Fact]
    public async Task A_push_of_what_another_has_locked_is_refused_with_4_and_names_both()
    {
        await Ann.RunAsync("lock", "acquire", "mix.txt");
        var before = VerbStage.Git(_stage.Remote, "rev-parse", "main");
        Bob.Commit("mix.txt", "two");
        var said = await Bob.RunAsync("push", "--json");

        (said.Exit, said.Code).ShouldBe((4, "LOCK_CONFLICT"));
        said.Json().GetProperty("error").GetProperty("message").GetString()!.ShouldMatch("^mix.txt locked by .+, and this push changes mix.txt; nothing was pushed.$");
        said.Data.GetProperty("lock").GetProperty("holder").GetProperty("name").GetString().ShouldBe("ann");
        VerbStage.Git(_stage.Remote, "rev-parse", "main").ShouldBe(before);
        (await Bob.RunAsync("push", "--no-fence")).Exit.ShouldBe(0);
    }

    [Fact]
    public async Task What_was_pulled_from_a_locks_holder_is_not_ones_own_change()
    {
        await Ann.RunAsync("lock", "acquire", "mix.txt");
        Ann.Commit("mix.txt", "two");
        (await Ann.RunAsync("push")).Exit.ShouldBe(0);
        await Bob.RunAsync("pull");
        VerbStage.Git(Bob.Folder, "checkout", "--quiet", "-b", "mine");
        Bob.Commit("other.txt", "mine");

        (await Bob.RunAsync("push")).Exit.ShouldBe(0);
        (await Bob.RunAsync("lock", "acquire", "--wait", "1s")).Error.ShouldContain("It is a part of the whole project");
    }

    [Theory]
    [InlineData("push", "--resume", "--restart")]
    [InlineData("push", "--resume")]
    [InlineData("push", "--branch", "nothing")]
    [InlineData("push", "--staged-threshold", "many")]
    [InlineData("push", "--force-with-lease", "nonsense")]
    [InlineData("pull", "--rebase", "--ff-only")]
    [InlineData("history", "--since", "yesterday")]
    [InlineData("comment", "add", "nonsense", "text")]
    public async Task A_wrong_command_line_ends_with_2(params string[] words)
    {
        var said = await Ann.RunAsync([.. words, "--json"]);

        (said.Exit, said.Code).ShouldBe((2, "OPTIONS_INVALID"));
        if (words[0] == "history") { said.Json().GetProperty("error").GetProperty("message").GetString()!.ShouldContain("a day such as 2026-02-05"); }
    }

    [Fact]
    public async Task A_pull_moves_forward_and_then_has_nothing_to_do()
    {
        var tip = Ann.Commit("mix.txt", "two");
        await Ann.RunAsync("push");
        var first = await Bob.RunAsync("pull", "--json");
        var second = await Bob.RunAsync("pull", "--json");

        (first.Status, second.Status).ShouldBe(("pulled", "up_to_date"));
        VerbStage.Git(Bob.Folder, "rev-parse", "HEAD").ShouldBe(tip);
    }

    [Fact]
    public async Task A_branch_that_the_remote_lacks_is_answered_with_those_that_it_has()
    {
        VerbStage.Git(Bob.Folder, "checkout", "--quiet", "--orphan", "master");
        var said = await Bob.RunAsync("pull");

        said.Exit.ShouldBe(1);
        said.Error.ShouldContain("The remote has no branch 'master'. It has: main.");
        said.Error.ShouldContain("'posthouse pull --branch main', then 'git switch main'");
    }

    [Fact]
    public async Task The_first_push_says_where_clones_would_come_out_empty()
    {
        VerbStage.Git(_stage.Remote, "symbolic-ref", "HEAD", "refs/heads/master");
        VerbStage.Git(Ann.Folder, "switch", "--quiet", "--create", "mix");
        var first = await Ann.RunAsync("push", "--json");
        Ann.Commit("mix.txt", "two");
        var second = await Ann.RunAsync("push", "--json");
        VerbStage.Git(_stage.Remote, "symbolic-ref", "HEAD", "refs/heads/mix");
        VerbStage.Git(Ann.Folder, "switch", "--quiet", "--create", "dub");
        var third = await Ann.RunAsync("push", "--json");

        first.Json().GetProperty("warnings")[0].GetString()!.ShouldContain($"'git -C \"{_stage.Remote}\" symbolic-ref HEAD refs/heads/mix' mends it");
        (second.Exit, second.Json().GetProperty("warnings").GetArrayLength()).ShouldBe((0, 0));
        (third.Exit, third.Json().GetProperty("warnings").GetArrayLength()).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Each_remote_has_locks_and_a_queue_of_its_own()
    {
        var nas = Path.Combine(_stage.Nowhere, "nas.git");
        VerbStage.Git(_stage.Nowhere, "init", "--quiet", "--bare", "--initial-branch=main", nas);
        VerbStage.Git(Ann.Folder, "remote", "add", "nas", nas);
        await Ann.RunAsync("lock", "acquire", "mix.txt");
        Ann.Commit("mix.txt", "two");
        var pushed = await Ann.RunAsync("push", "--remote", "nas");
        var there = await Ann.RunAsync("lock", "list", "--remote", "nas", "--json");
        var remembered = await Ann.RunAsync("lock", "list", "--remote", "nas", "--cached", "--json");
        var queued = await Ann.RunAsync("lock", "acquire", "solo.txt", "--remote", "nas", "--offline");
        var here = await Ann.RunAsync("lock", "list", "--json");
        await Ann.SyncAsync();
        var later = await Ann.RunAsync("lock", "list", "--remote", "nas", "--json");

        pushed.Exit.ShouldBe(0, pushed.Error);
        foreach (var look in (Said[])[there, remembered])
        {
            look.Data.GetProperty("locks").GetArrayLength().ShouldBe(0);
            look.Output.ShouldNotContain("LOST");
        }

        queued.Exit.ShouldBe(10);
        Paths(here).ShouldBe(["mix.txt"]);
        here.Output.ShouldNotContain("LOST");
        Paths(later).ShouldBe(["solo.txt"]);

        static IEnumerable<string?> Paths(Said said) => said.Data.GetProperty("locks").EnumerateArray().Select(one => one.GetProperty("path").GetString());
    }

    [Fact]
    public async Task A_remark_is_kept_and_reaches_the_others()
    {
        var added = await Ann.RunAsync("comment", "add", "HEAD", "schön laut", "--json");
        await Bob.RunAsync("comment", "sync");
        var list = await Bob.RunAsync("comment", "list", "HEAD", "--json");

        (added.Exit, added.Status).ShouldBe((0, "added"));
        list.Data.GetProperty("comments").EnumerateArray().Select(one => one.GetProperty("text").GetString()).ShouldBe(["schön laut"]);
        (await Bob.RunAsync("comment", "list")).Output.ShouldContain("schön laut");
    }

    [Fact]
    public async Task A_remark_is_added_offline_too()
    {
        _stage.GoOffline();
        var said = await Ann.RunAsync("comment", "add", "HEAD", "later", "--json");

        (said.Exit, said.Status).ShouldBe((0, "added"));
    }

    [Fact]
    public async Task The_history_has_what_was_done_here()
    {
        await Ann.RunAsync("lock", "acquire");
        await Ann.RunAsync("lock", "release");
        var all = await Ann.RunAsync("history", "--json");
        var late = await Ann.RunAsync("history", "--since", "2100-01-01", "--json");

        all.Data.GetProperty("events").EnumerateArray().Select(one => one.GetProperty("body").GetProperty("operation").GetString()).ShouldBe(["vcs.acquire", "vcs.release"]);
        late.Data.GetProperty("events").GetArrayLength().ShouldBe(0);
        (await Bob.RunAsync("history")).Output.ShouldContain("Nothing was done here yet");
    }

    [Fact]
    public async Task A_remote_is_added_listed_without_secrets_and_removed()
    {
        (await Ann.RunAsync("remote", "add", "second", "https://ann:secret@example.org/song.git")).Exit.ShouldBe(0);
        var list = await Ann.RunAsync("remote", "list", "--json");
        var removed = await Ann.RunAsync("remote", "remove", "second", "--json");
        var again = await Ann.RunAsync("remote", "remove", "second", "--json");

        list.Output.ShouldNotContain("secret");
        list.Data.GetProperty("remotes").EnumerateArray().Select(one => one.GetProperty("name").GetString()).ShouldBe(["origin", "second"], ignoreOrder: true);
        (removed.Exit, again.Exit, again.Code).ShouldBe((0, 6, "NO_REMOTE"));
    }

    [Fact]
    public async Task What_a_remote_can_do_is_found_out_by_trying_and_leaves_nothing_behind()
    {
        var said = await Ann.RunAsync("remote", "check", "--json");
        var text = await Ann.RunAsync("remote", "check", "origin");

        (said.Exit, said.Status).ShouldBe((0, "usable"));
        (said.Data.GetProperty("compare_and_swap").GetBoolean(), said.Data.GetProperty("custom_refs").GetBoolean(), said.Data.GetProperty("atomic").GetBoolean()).ShouldBe((true, true, true));
        text.Output.ShouldContain("a lost lock stops the push");
        VerbStage.Git(_stage.Remote, "for-each-ref", "refs/posthouse", "refs/heads/posthouse*").ShouldBeEmpty();
        (await Ann.RunAsync("remote", "check", "elsewhere", "--json")).Code.ShouldBe("NO_REMOTE");
    }

    [Fact]
    public async Task A_remote_that_is_an_option_is_none() => (await Ann.RunAsync("remote", "add", "x", "--", "--upload-pack=touch")).Exit.ShouldBe(2);

    [Fact]
    public async Task Behind_a_long_staging_the_locks_go_out_with_records_of_their_own()
    {
        await Ann.RunAsync("lock", "acquire");
        Ann.Commit("mix.wav", string.Concat(Enumerable.Range(0, 2_000).Select(i => Guid.NewGuid().ToString())));
        var pushed = await Ann.RunAsync("push", "--staged-threshold", "1K", "--json");
        var register = Posthouse.Vcs.Locks.LockProtocol.RefPrefix + Posthouse.Vcs.Locks.ResourceKey.Of(".").Hex;

        pushed.Exit.ShouldBe(0, pushed.Output);
        pushed.Data.GetProperty("fenced").GetBoolean().ShouldBeTrue();
        // The first record was made before the files were sent, the second after it.
        VerbStage.Git(_stage.Remote, "log", "-1", "--format=%B", register).ShouldContain("/guard2/");
        VerbStage.Git(_stage.Remote, "rev-list", "--count", register).ShouldBe("2");
    }
}
