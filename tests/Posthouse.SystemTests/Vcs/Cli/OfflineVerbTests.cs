namespace Posthouse.SystemTests.Vcs.Cli;

[Collection(OnePocket.Name)]
public sealed class OfflineVerbTests : IDisposable
{
    private readonly VerbStage _stage = new();

    private Person Ann => _stage.Ann;

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task Offline_the_status_is_what_was_known_and_says_so()
    {
        await Ann.RunAsync("lock", "acquire", "-m", "strings");
        _stage.GoOffline();
        var text = await Ann.RunAsync("lock", "status");
        var json = await Ann.RunAsync("lock", "status", "--json");

        text.Exit.ShouldBe(0);
        text.Output.ShouldContain("strings");
        text.Output.ShouldContain("As it was ");
        text.Error.ShouldContain("this is what was known");
        json.Data.GetProperty("source").GetString().ShouldBe("cached");
        json.Data.GetProperty("lock").GetProperty("read_at").GetDateTimeOffset().ShouldBeLessThanOrEqualTo(DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task An_address_that_nothing_ever_came_from_is_no_remote_that_is_away()
    {
        const string mistyped = "http://127.0.0.1:1/song.git";
        var known = VerbStage.Git(_stage.Bob.Folder, "remote", "get-url", "origin");
        VerbStage.Git(_stage.Bob.Folder, "remote", "set-url", "origin", mistyped);
        var said = await _stage.Bob.RunAsync("lock", "acquire", "--json");
        VerbStage.Git(_stage.Bob.Folder, "remote", "set-url", "origin", known + "/");
        _stage.GoOffline();

        (said.Exit, said.Code).ShouldBe((5, "NETWORK_UNAVAILABLE"), said.Output);
        (await _stage.Bob.RunAsync("lock", "acquire", "--json")).Exit.ShouldBe(10);
        File.WriteAllText(Path.Combine(_stage.Bob.Folder, ".git", "FETCH_HEAD"), new string('1', 40) + "\t\tbranch 'main' of http://127.0.0.1:1/song\n");
        VerbStage.Git(_stage.Bob.Folder, "remote", "set-url", "origin", mistyped);
        (await _stage.Bob.RunAsync("lock", "acquire", "--json")).Exit.ShouldBe(10);
    }

    [Fact]
    public async Task The_memory_is_read_without_asking_anybody()
    {
        await Ann.RunAsync("lock", "acquire");
        await _stage.Bob.RunAsync("lock", "status");
        await Ann.RunAsync("lock", "release");
        var said = await _stage.Bob.RunAsync("lock", "status", "--cached", "--json");

        (said.Exit, said.Status).ShouldBe((0, "held"));
        said.Data.GetProperty("source").GetString().ShouldBe("cached");
    }

    [Fact]
    public async Task Nothing_known_is_said_to_be_so() => (await Ann.RunAsync("lock", "status", "--cached", "--json")).Status.ShouldBe("unknown");

    [Theory]
    [InlineData("list")]
    [InlineData("status", "--all")]
    public async Task No_lock_that_is_known_is_not_the_same_as_no_lock(params string[] verb)
    {
        _stage.GoOffline();
        var said = await Ann.RunAsync(["lock", .. verb]);

        said.Output.Trim().ShouldBe("Nothing is known here about the locks of this project: somebody may have one.");
        (await Ann.RunAsync(["lock", .. verb, "--cached", "--json"])).Status.ShouldBe("unknown");
    }

    [Fact]
    public async Task What_waits_to_be_locked_is_given_back_with_the_rest()
    {
        await Ann.RunAsync("lock", "acquire", "held.txt");
        _stage.GoOffline();
        await Ann.RunAsync("lock", "acquire", "mix.txt");
        var given = await Ann.RunAsync("lock", "release", "--all-mine", "--queued-ok", "--json");
        await Ann.RunAsync("lock", "acquire", "mix.txt");
        Ann.Commit("mix.txt", "two");
        var pushed = await Ann.RunAsync("push", "--release", "--json");
        _stage.GoOnline();
        await Ann.SyncAsync();
        var locks = (await Ann.RunAsync("lock", "list", "--all", "--json")).Data.GetProperty("locks").EnumerateArray();

        (given.Exit, given.Data.GetArrayLength()).ShouldBe((0, 2), given.Output);
        pushed.Exit.ShouldBe(10);
        locks.Select(one => (one.GetProperty("path").GetString(), one.GetProperty("state").GetString())).ShouldBe([("held.txt", "released"), ("mix.txt", "released")]);
    }

    [Fact]
    public async Task An_acquire_is_queued_with_10_and_goes_by_itself_when_the_remote_is_back()
    {
        _stage.GoOffline();
        var queued = await Ann.RunAsync("lock", "acquire", "--json");
        var accepted = await Ann.RunAsync("lock", "acquire", "other", "--queued-ok", "--json");
        _stage.GoOnline();
        var status = await Ann.RunAsync("lock", "status", "--json");

        (queued.Exit, queued.Status).ShouldBe((10, "queued"));
        queued.Data.GetProperty("entry_id").GetString().ShouldStartWith("acquire-");
        (accepted.Exit, accepted.Status).ShouldBe((0, "queued"));
        status.Status.ShouldBe("held");
        status.Data.GetProperty("lock").GetProperty("is_mine").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task People_read_that_it_was_queued()
    {
        _stage.GoOffline();
        var said = await Ann.RunAsync("lock", "acquire");

        said.Exit.ShouldBe(10);
        said.Output.ShouldContain("operation queued");
        said.Output.ShouldContain("Timeout: 4 hours");
        said.Output.ShouldContain("Use 'posthouse queue sync' to retry manually");
    }

    [Fact]
    public async Task A_break_is_refused_and_queued_only_for_a_lock_that_is_named()
    {
        var id = (await _stage.Bob.RunAsync("lock", "acquire", "--json")).Data.GetProperty("lock").GetProperty("lock_id").GetString()!;
        await Ann.RunAsync("lock", "status");
        _stage.GoOffline();
        var refused = await Ann.RunAsync("lock", "break", "--force", "--lock-id", id, "--json");
        var queued = await Ann.RunAsync("lock", "break", "--force", "--lock-id", id, "--queue", "--json");

        (refused.Exit, refused.Code).ShouldBe((5, "NETWORK_UNAVAILABLE"));
        (queued.Exit, queued.Status).ShouldBe((10, "queued"));
    }

    [Fact]
    public async Task Nothing_is_queued_for_who_does_not_want_that()
    {
        _stage.GoOffline();
        var said = await Ann.RunAsync("lock", "acquire", "--no-queue", "--json");

        (said.Exit, said.Code).ShouldBe((5, "NETWORK_UNAVAILABLE"));
    }

    [Fact]
    public async Task A_release_behind_a_queued_push_is_queued_too()
    {
        await Ann.RunAsync("lock", "acquire");
        Ann.Commit("mix.txt", "two");
        _stage.GoOffline();
        var pushed = await Ann.RunAsync("push", "--json");
        var released = await Ann.RunAsync("lock", "release", "--json");

        (pushed.Exit, pushed.Status).ShouldBe((10, "queued"));
        (released.Exit, released.Status).ShouldBe((10, "queued"));
    }

    [Fact]
    public async Task A_command_is_not_run_under_a_lock_that_nobody_has()
    {
        _stage.GoOffline();
        var said = await Ann.RunAsync("lock", "hold", "--json", "--", "touch", "ran");

        said.Exit.ShouldBe(5);
        File.Exists(Path.Combine(Ann.Folder, "ran")).ShouldBeFalse();
    }
}
