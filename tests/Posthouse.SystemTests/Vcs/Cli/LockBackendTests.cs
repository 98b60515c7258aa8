using Posthouse.Cli.Hosting;

namespace Posthouse.SystemTests.Vcs.Cli;

/// <summary>Locks that are kept elsewhere than on the Git remote, as <c>Locks:Backend</c> says, between two people with a home each.</summary>
[Collection(OnePocket.Name)]
public sealed class LockBackendTests : IDisposable
{
    private const string NotTied = "A push is not tied to these locks";
    private const string NoExpiry = "do not expire";

    private readonly VerbStage _stage = new();
    private readonly DirectoryInfo _share = Directory.CreateTempSubdirectory("posthouse share ");

    private Person Ann => _stage.Ann;

    private Person Bob => _stage.Bob;

    private string[] InFolder => ["--set", "Locks:Backend=directory", "--set", "Locks:Directory=" + _share.FullName];

    public void Dispose()
    {
        _stage.Dispose();
        _share.Delete(recursive: true);
    }

    [Fact]
    public async Task In_a_folder_a_lock_is_taken_seen_refused_to_others_and_given_back()
    {
        var unprepared = await Ann.RunAsync(["lock", "acquire", "--no-queue", "--json", .. InFolder]);
        var init = await Ann.RunAsync(["init", .. InFolder]);
        var taken = await Ann.RunAsync(["lock", "acquire", "-m", "strings", .. InFolder]);
        var seen = await Bob.RunAsync(["lock", "status", "--json", .. InFolder]);
        var conflict = await Bob.RunAsync(["lock", "acquire", "--json", .. InFolder]);
        var given = await Ann.RunAsync(["lock", "release", .. InFolder]);
        var next = await Bob.RunAsync(["lock", "acquire", .. InFolder]);

        (unprepared.Exit, unprepared.Code).ShouldBe((5, "NETWORK_UNAVAILABLE"));
        init.Output.ShouldContain("Locks are kept in " + _share.FullName);
        (taken.Exit, given.Exit, next.Exit).ShouldBe((0, 0, 0));
        taken.Error.Split(NotTied).Length.ShouldBe(2, "it is said once");
        taken.Error.ShouldNotContain(NoExpiry);
        (seen.Status, conflict.Exit, conflict.Code).ShouldBe(("held", 4, "LOCK_CONFLICT"));
        VerbStage.Git(_stage.Remote, "for-each-ref", "refs/posthouse").ShouldBeEmpty();
    }

    [Fact]
    public async Task What_looks_whether_locks_work_looks_where_they_are_kept()
    {
        var broken = (await Ann.RunAsync(["remote", "check", "--json", .. InFolder])).Exit;
        var sick = (await Ann.RunAsync(["doctor", "--look-only", .. InFolder])).Output;
        await Ann.RunAsync(["init", .. InFolder]);
        await Ann.RunAsync(["lock", "acquire", .. InFolder]);
        var check = await Ann.RunAsync(["remote", "check", .. InFolder]);
        var doctor = await Ann.RunAsync(["doctor", "--look-only", .. InFolder]);
        _stage.GoOffline();
        var offline = await Ann.RunAsync(["doctor", "--look-only", .. InFolder]);

        broken.ShouldBe(5);
        sick.ShouldNotContain("Everything works");
        check.Exit.ShouldBe(0);
        check.Output.ShouldContain($"Locks are kept elsewhere: in the folder {_share.FullName}, which answers; 1 held");
        check.Error.ShouldContain(NotTied);
        doctor.Output.ShouldContain($"lock place: locks are kept in the folder {_share.FullName}");
        doctor.Output.ShouldContain("locks: 1 held");
        // The folder is another machine than the remote.
        offline.Output.ShouldContain("locks: 1 held");
        offline.Output.ShouldNotContain("Everything works");
    }

    [Fact]
    public async Task A_push_under_a_lock_in_a_folder_is_checked_before_it_goes_and_says_so()
    {
        await Ann.RunAsync(["init", .. InFolder]);
        var id = (await Ann.RunAsync(["lock", "acquire", "--json", .. InFolder])).Data.GetProperty("lock").GetProperty("lock_id").GetString()!;
        Ann.Commit("mix.txt", "two");
        var pushed = await Ann.RunAsync(["push", .. InFolder]);
        await Bob.RunAsync(["lock", "break", "--force", "--lock-id", id, .. InFolder]);
        Ann.Commit("mix.txt", "three");
        var refused = await Ann.RunAsync(["push", "--json", .. InFolder]);

        pushed.Exit.ShouldBe(0);
        pushed.Output.ShouldContain("cannot tie them together");
        pushed.Error.ShouldContain(NotTied);
        (refused.Exit, refused.Code).ShouldBe((4, "LOCK_LOST"));
    }

    [Fact]
    public async Task At_a_host_of_Git_LFS_it_is_the_same_with_files_and_never_ends_by_itself()
    {
        await using var server = await LfsLockServer.StartAsync();
        VerbStage.Git(Ann.Folder, "config", "lfs.url", server.UrlFor("ann"));
        VerbStage.Git(Bob.Folder, "config", "lfs.url", server.UrlFor("bob"));
        string[] lfs = ["--set", "Locks:Backend=lfs"];
        var whole = await Ann.RunAsync(["lock", "acquire", "--json", .. lfs]);
        var taken = await Ann.RunAsync(["lock", "acquire", "mix.txt", .. lfs]);
        var seen = await Bob.RunAsync(["lock", "status", "mix.txt", "--json", .. lfs]);
        var conflict = await Bob.RunAsync(["lock", "acquire", "mix.txt", "--json", .. lfs]);
        Ann.Commit("mix.txt", "two");
        var pushed = await Ann.RunAsync(["push", "--json", .. lfs]);
        var given = await Ann.RunAsync(["lock", "release", "mix.txt", .. lfs]);

        (whole.Exit, whole.Code).ShouldBe((1, "REQUEST_REJECTED"));
        taken.Exit.ShouldBe(0, taken.Error);
        taken.Output.ShouldContain("Expires: never by itself");
        taken.Error.Split(NoExpiry).Length.ShouldBe(2, "it is said once");
        (seen.Status, conflict.Exit, conflict.Code).ShouldBe(("held", 4, "LOCK_CONFLICT"));
        (pushed.Exit, given.Exit).ShouldBe((0, 0), pushed.Output);
        (await Bob.RunAsync(["pull", .. lfs])).Exit.ShouldBe(0);
        (await Bob.RunAsync(["lock", "acquire", "mix.txt", .. lfs])).Exit.ShouldBe(0);
    }

    [Fact]
    public async Task A_push_under_an_LFS_lock_that_was_broken_is_refused()
    {
        await using var server = await LfsLockServer.StartAsync();
        VerbStage.Git(Ann.Folder, "config", "lfs.url", server.UrlFor("ann"));
        VerbStage.Git(Bob.Folder, "config", "lfs.url", server.UrlFor("bob"));
        string[] lfs = ["--set", "Locks:Backend=lfs"];
        var id = (await Ann.RunAsync(["lock", "acquire", "mix.txt", "--json", .. lfs])).Data.GetProperty("lock").GetProperty("lock_id").GetString()!;
        (await Bob.RunAsync(["lock", "break", "mix.txt", "--force", "--lock-id", id, .. lfs])).Exit.ShouldBe(0);
        Ann.Commit("mix.txt", "two");

        (await Ann.RunAsync(["push", "--json", .. lfs])).Exit.ShouldBe(4);
    }

    [Fact]
    public async Task Turned_off_every_verb_about_locks_says_so_and_a_push_goes_as_it_is()
    {
        await Ann.RunAsync("lock", "acquire");
        Ann.Commit("mix.txt", "two");
        string[] off = ["--set", "Locks:Backend=none"];
        foreach (var verb in new string[][] { ["acquire"], ["status"], ["list"], ["renew"], ["release"], ["acquire", "--offline"] })
        {
            var said = await Ann.RunAsync(["lock", .. verb, "--json", .. off]);
            (said.Exit, said.Code).ShouldBe((2, "LOCKS_OFF"), string.Join(' ', verb));
        }

        var pushed = await Ann.RunAsync(["push", .. off]);
        pushed.Exit.ShouldBe(0, pushed.Error);
        pushed.Error.ShouldContain("Locks are turned off");
    }

    [Fact]
    public async Task An_unknown_place_and_one_without_an_address_are_told_apart()
    {
        var unknown = await Ann.RunAsync("lock", "status", "--json", "--set", "Locks:Backend=paper");
        var nameless = await Ann.RunAsync("lock", "status", "--json", "--set", "Locks:Backend=directory");
        var hostless = await Ann.RunAsync("lock", "status", "--json", "--set", "Locks:Backend=lfs");

        (unknown.Code, nameless.Code, hostless.Code).ShouldBe(("OPTIONS_INVALID", "OPTIONS_INVALID", "REMOTE_UNSUPPORTED"));
        nameless.Output.ShouldContain("Locks:Directory");
    }

    [Fact]
    public async Task A_projects_own_file_names_no_folder()
    {
        Directory.CreateDirectory(Path.Combine(Ann.Folder, ".posthouse"));
        File.WriteAllText(Path.Combine(Ann.Folder, ".posthouse", "config.json"), """{ "Locks": { "Directory": "/tmp" } }""");
        var said = await Ann.RunAsync("lock", "status", "--json");

        (said.Exit, said.Code).ShouldBe((2, "OPTIONS_INVALID"));
        said.Output.ShouldContain("may not set Locks:Directory");
    }

    [Fact]
    public async Task Two_projects_of_one_name_are_told_apart_by_a_name_of_ones_own()
    {
        string[] renamed = [.. InFolder, "--set", "Locks:Name=Song-2"];
        await Ann.RunAsync(["init", "--yes", .. InFolder]);
        await Ann.RunAsync(["lock", "acquire", .. InFolder]);

        (await Bob.RunAsync(["lock", "acquire", .. renamed])).Exit.ShouldBe(0);
        Directory.Exists(Path.Combine(_share.FullName, "song-2")).ShouldBeTrue();
        (await Bob.RunAsync(["lock", "status", .. InFolder, "--set", "Locks:Name=../elsewhere"])).Exit.ShouldBe(2);
    }

    [Theory]
    [InlineData("https://host/studio/Song.git", "song")]
    [InlineData("git@host:studio/song.git/", "song")]
    [InlineData("host:song", "song")]
    [InlineData("/mnt/nas/song.git", "song")]
    [InlineData(@"\\nas\studio\song.git", "song")]
    public void However_an_address_is_spelled_the_project_has_one_name(string address, string name) => LockBackend.NameOf(address).ShouldBe(name);
}
