namespace Posthouse.SystemTests.Vcs.Cli;

[Collection(OnePocket.Name)]
public sealed class LockVerbTests : IDisposable
{
    private readonly VerbStage _stage = new();

    private Person Ann => _stage.Ann;

    private Person Bob => _stage.Bob;

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task A_lock_is_taken_seen_by_others_and_given_back()
    {
        var taken = await Ann.RunAsync("lock", "acquire", "--timeout", "30m", "-m", "strings");
        var seen = await Bob.RunAsync("lock", "status");
        var given = await Ann.RunAsync("lock", "release");

        (taken.Exit, seen.Exit, given.Exit).ShouldBe((0, 0, 0));
        taken.Output.ShouldContain("Lock acquired successfully");
        seen.Output.ShouldContain("Locked by another user");
        seen.Output.ShouldContain("strings");
        (await Bob.RunAsync("lock", "status", "--json")).Status.ShouldBe("released");
    }

    [Fact]
    public async Task A_lock_of_another_is_a_conflict_that_says_who_since_when_and_what_to_do()
    {
        await Ann.RunAsync("lock", "acquire", "-m", "strings");
        var text = await Bob.RunAsync("lock", "acquire");
        var json = await Bob.RunAsync("lock", "acquire", "--json");

        (text.Exit, text.Output).ShouldBe((4, ""));
        text.Error.ShouldContain("Project locked by ");
        text.Error.ShouldContain("Message: strings");
        text.Error.ShouldContain("lock break --force --lock-id");
        (json.Exit, json.Status, json.Code).ShouldBe((4, "conflict", "LOCK_CONFLICT"));
        json.Data.GetProperty("state").GetString().ShouldBe("held");
        json.Data.GetProperty("holder").GetProperty("name").GetString().ShouldBe("ann");
    }

    [Fact]
    public async Task Its_holder_takes_it_again_without_harm()
    {
        var first = await Ann.RunAsync("lock", "acquire", "--json");
        var second = await Ann.RunAsync("lock", "acquire", "--json");

        (first.Status, second.Status).ShouldBe(("acquired", "already_mine"));
        second.Data.GetProperty("lock").GetProperty("lock_id").GetString().ShouldBe(first.Data.GetProperty("lock").GetProperty("lock_id").GetString());
    }

    [Theory]
    [InlineData("nowhere", 6, "NOT_A_PROJECT", "lock", "acquire")]
    [InlineData("nowhere", 6, "NOT_A_PROJECT", "lock", "status", "--cached")]
    [InlineData("clone", 6, "NO_REMOTE", "lock", "acquire", "--remote", "elsewhere")]
    [InlineData("clone", 2, "OPTIONS_INVALID", "lock", "acquire", "--timeout", "soon")]
    [InlineData("clone", 2, "OPTIONS_INVALID", "lock", "acquire", "../outside")]
    [InlineData("clone", 2, "OPTIONS_INVALID", "lock", "acquire", "--on-conflict", "cry")]
    [InlineData("clone", 2, "OPTIONS_INVALID", "lock", "aquire")]
    [InlineData("clone", 2, "OPTIONS_INVALID", "lock", "release", "--all-mine", "mix.txt")]
    [InlineData("clone", 2, "OPTIONS_INVALID", "lock", "renew", "--timeout", "1h", "--add", "1h")]
    [InlineData("clone", 2, "OPTIONS_INVALID", "lock", "break")]
    [InlineData("clone", 2, "OPTIONS_INVALID", "lock", "break", "--force")]
    [InlineData("clone", 2, "OPTIONS_INVALID", "lock", "status", "--watch", "--cached")]
    [InlineData("clone", 2, "OPTIONS_INVALID", "lock", "hold", "true")]
    [InlineData("clone", 4, "LOCK_NOT_HELD", "lock", "renew")]
    [InlineData("clone", 4, "LOCK_NOT_HELD", "lock", "heartbeat", "start")]
    public async Task What_cannot_be_is_one_document_with_a_code(string where, int exit, string code, params string[] words)
    {
        var folder = where == "clone" ? Ann.Folder : _stage.Nowhere;
        var json = await Ann.RunInAsync(folder, [.. words, "--json"]);
        var text = await Ann.RunInAsync(folder, words);

        (json.Exit, json.Code).ShouldBe((exit, code));
        (text.Exit, text.Output).ShouldBe((exit, ""));
        text.Error.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_path_may_have_blanks_and_letters_and_need_not_be_there()
    {
        const string Path = "Ordner ü/音楽 1.logicx";
        var taken = await Ann.RunAsync("lock", "acquire", Path, "--json");
        var other = await Bob.RunAsync("lock", "acquire", "other.logicx", "--json");
        var same = await Bob.RunAsync("lock", "acquire", Path, "--json");
        var list = await Bob.RunAsync("lock", "list", "--json");

        (taken.Exit, other.Exit, same.Exit).ShouldBe((0, 0, 4));
        list.Data.GetProperty("locks").EnumerateArray().Select(one => one.GetProperty("path").GetString()).ShouldBe([Path, "other.logicx"], ignoreOrder: true);
        (await Bob.RunAsync("lock", "list", "--mine", "--json")).Data.GetProperty("locks").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Commits_that_were_not_pushed_hold_a_release_up()
    {
        await Ann.RunAsync("lock", "acquire", "mix.txt");
        Ann.Commit("mix.txt", "two");
        var refused = await Ann.RunAsync("lock", "release", "mix.txt", "--json");
        Ann.Commit("other.txt", "other");
        var left = await Ann.RunAsync("lock", "release", "mix.txt", "--force-unpushed", "--json");

        (refused.Exit, refused.Code).ShouldBe((9, "UNPUSHED_WORK"));
        (left.Exit, left.Status).ShouldBe((0, "released"));
    }

    [Fact]
    public async Task Commits_that_touch_other_files_hold_nothing_up()
    {
        await Ann.RunAsync("lock", "acquire", "mix.txt");
        Ann.Commit("other.txt", "two");

        (await Ann.RunAsync("lock", "release", "mix.txt")).Exit.ShouldBe(0);
    }

    [Fact]
    public async Task A_lock_is_taken_on_the_newest_commit_only_unless_told()
    {
        Ann.Commit("mix.txt", "two");
        VerbStage.Git(Ann.Folder, "push", "--quiet", "origin", "main");
        var refused = await Bob.RunAsync("lock", "acquire", "--json");
        var pulled = await Bob.RunAsync("pull", "--json");
        var taken = await Bob.RunAsync("lock", "acquire", "--json");

        (refused.Exit, refused.Code).ShouldBe((9, "DIVERGED"));
        refused.Output.ShouldContain("posthouse pull");
        (pulled.Status, taken.Status).ShouldBe(("pulled", "acquired"));
    }

    [Fact]
    public async Task A_path_in_a_folder_that_another_has_is_not_shown_as_free()
    {
        await Ann.RunAsync("lock", "acquire", "stems", "-m", "strings");
        await Ann.RunAsync("lock", "acquire", "other.txt");
        var text = await Bob.RunAsync("lock", "status", "stems/kick.wav");
        var json = await Bob.RunAsync("lock", "status", "stems/kick.wav", "--json");
        var listed = await Bob.RunAsync("lock", "list", "stems/kick.wav", "--json");

        text.Output.ShouldStartWith("stems/kick.wav is locked together with stems:");
        text.Output.ShouldContain("strings");
        text.Output.ShouldNotContain("Unlocked");
        var seen = json.Data.GetProperty("lock");
        (json.Status, seen.GetProperty("state").GetString(), seen.GetProperty("path").GetString(), seen.GetProperty("covered_by").GetString()).ShouldBe(("held", "held", "stems/kick.wav", "stems"));
        listed.Data.GetProperty("locks").EnumerateArray().ShouldHaveSingleItem().GetProperty("path").GetString().ShouldBe("stems");
        (await Bob.RunAsync("lock", "status", "mix.txt", "--json")).Status.ShouldBe("released");
    }

    [Fact]
    public async Task Whoever_insists_takes_it_on_an_older_commit()
    {
        Ann.Commit("mix.txt", "two");
        VerbStage.Git(Ann.Folder, "push", "--quiet", "origin", "main");

        (await Bob.RunAsync("lock", "acquire", "--allow-stale")).Exit.ShouldBe(0);
    }

    [Fact]
    public async Task A_broken_lock_is_told_as_lost_until_its_holder_gives_it_up_and_stops_the_push_until_then()
    {
        var id = (await Ann.RunAsync("lock", "acquire", "--json")).Data.GetProperty("lock").GetProperty("lock_id").GetString()!;
        var wrong = await Bob.RunAsync("lock", "break", "--force", "--lock-id", "ffffffff", "--json");
        var broken = await Bob.RunAsync("lock", "break", "--force", "--lock-id", id[..6], "-m", "gone home", "--json");
        Ann.Commit("mix.txt", "two");
        var status = await Ann.RunAsync("lock", "status", "--json");
        var push = await Ann.RunAsync("push", "--json");
        var release = await Ann.RunAsync("lock", "release", "--json");
        var again = await Ann.RunAsync("push", "--json");

        (wrong.Exit, wrong.Code).ShouldBe((4, "LOCK_ID_MISMATCH"));
        (broken.Exit, broken.Status).ShouldBe((0, "broken"));
        (status.Exit, status.Status).ShouldBe((4, "lost"));
        status.Output.ShouldContain("gone home");
        (push.Exit, push.Code).ShouldBe((4, "LOCK_LOST"));
        (release.Exit, release.Status).ShouldBe((4, "lost"));
        again.Exit.ShouldBe(0);
    }

    [Fact]
    public async Task A_lease_is_moved()
    {
        var before = (await Ann.RunAsync("lock", "acquire", "--timeout", "1", "--json")).Data.GetProperty("lock").GetProperty("remaining_s").GetInt64();
        var added = (await Ann.RunAsync("lock", "renew", "--add", "2h", "--json")).Data.GetProperty("lock").GetProperty("remaining_s").GetInt64();
        var set = (await Ann.RunAsync("lock", "renew", "--timeout", "30m", "--json")).Data.GetProperty("lock").GetProperty("remaining_s").GetInt64();

        before.ShouldBeInRange(3_500, 3_600);
        added.ShouldBeInRange(10_700, 10_800);
        set.ShouldBeInRange(1_700, 1_800);
    }

    [Fact]
    public async Task A_path_that_is_not_there_is_locked_with_a_warning_and_one_of_Gits_own_is_not()
    {
        var said = await Ann.RunAsync("lock", "acquire", "mxi.txt", "--json");
        var own = await Ann.RunAsync("lock", "acquire", ".git/config", "--json");

        said.Exit.ShouldBe(0);
        said.Json().GetProperty("warnings")[0].GetString()!.ShouldStartWith("Nothing is at 'mxi.txt' here");
        (own.Exit, own.Code).ShouldBe((2, "OPTIONS_INVALID"));
        (await Ann.RunAsync("lock", "release", "--all-mine")).Exit.ShouldBe(0);
        await Ann.RunAsync("lock", "acquire");
        (await Ann.RunAsync("lock", "release", "--all-mine")).Output.ShouldContain("Released the whole project");
    }

    [Fact]
    public async Task All_locks_of_a_clone_are_given_back_at_once()
    {
        await Ann.RunAsync("lock", "acquire", "a");
        await Ann.RunAsync("lock", "acquire", "b");
        var given = await Ann.RunAsync("lock", "release", "--all-mine", "--json");

        (given.Status, given.Data.GetArrayLength()).ShouldBe(("released", 2));
        (await Ann.RunAsync("lock", "release", "--all-mine", "--json")).Status.ShouldBe("nothing_held");
    }

    [Fact]
    public async Task Without_colours_and_terminal_no_escape_is_written()
    {
        await Ann.RunAsync("lock", "acquire");

        foreach (var said in new[] { await Ann.RunAsync("lock", "status"), await Ann.RunAsync("lock", "status", "--no-color"), await Ann.RunAsync("lock", "list") })
        {
            (said.Output + said.Error).ShouldNotContain("\e");
        }
    }

    [Fact]
    public async Task Quiet_says_nothing_of_what_went_well_and_all_of_what_did_not()
    {
        (await Ann.RunAsync("lock", "acquire", "-q")).ShouldBe(new Said(0, "", ""));
        (await Bob.RunAsync("lock", "acquire", "-q")).Error.ShouldContain("locked by");
    }
}
