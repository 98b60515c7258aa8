namespace Posthouse.SystemTests.Vcs;

/// <summary>The hook of <c>posthouse server hook print</c> in a real bare repository, against posthouse and against plain Git.</summary>
public sealed class ServerHookTests : IDisposable
{
    private readonly Stage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task A_locked_path_is_changed_by_its_holders_push_alone()
    {
        var (ana, ben) = await CloneAsync("");
        await ana.DoAsync("posthouse lock acquire 'Größe \"1\" 🎵.logicx'");

        await ben.DoAsync("echo 2 > other.txt && git commit -qam 'Another file' && git push -q origin main");
        await ben.DoAsync("echo 2 > 'Größe \"1\" 🎵.logicx/ProjectData' && git commit -qam 'The locked one'");
        var (exit, refused) = await ben.RunAsync("git push origin main");
        var (looked, _) = await ben.RunAsync("posthouse push");
        var (insisted, why) = await ben.RunAsync("posthouse push --no-fence");
        await ben.DoAsync("posthouse remote check");
        await ana.DoAsync("posthouse pull && echo 3 > 'Größe \"1\" 🎵.logicx/ProjectData' && git commit -qam 'By its holder'");
        var (unfenced, told) = await ana.RunAsync("git push origin main");
        await ana.DoAsync("posthouse push");

        (exit, looked, insisted).ShouldBe((1, 4, 4), why);
        why.ShouldContain("is locked by ana@");
        (await ana.DoAsync($"git -C '{_stage.Root}/song.git' for-each-ref refs/posthouse/locks/probe-*")).ShouldBeEmpty();
        refused.ShouldContain("is locked by ana@");
        refused.ShouldContain("Größe \"1\" 🎵.logicx/ProjectData on main");
        (unfenced, told.Contains("posthouse push", StringComparison.Ordinal)).ShouldBe((1, true));
        (await ana.DoAsync($"git -C '{_stage.Root}/song.git' log -1 --format=%s main")).Trim().ShouldBe("By its holder");
    }

    [Fact]
    public async Task What_others_may_do_ends_and_begins_with_the_lock()
    {
        var (ana, ben) = await CloneAsync("");
        await ben.DoAsync("git checkout -q -b try && echo 2 > song.txt && git commit -qam 'My try'");
        await ana.DoAsync("posthouse lock acquire song.txt");
        var (whileLocked, _) = await ben.RunAsync("git push origin try");
        var (removing, told) = await ben.RunAsync("git push origin $(git ls-remote origin 'refs/posthouse/locks/*' | cut -f2 | sed 's/^/:/')");
        await ana.DoAsync("posthouse lock release song.txt");

        whileLocked.ShouldBe(1);
        (removing, told.Contains("never removed", StringComparison.Ordinal)).ShouldBe((1, true));
        await ben.DoAsync("git push -q origin try");
        // Ana's own version, once it is on the default branch, may be merged into any other while she works on the next.
        await ana.DoAsync("echo 3 > song.txt && git commit -qam Newer && posthouse push && posthouse lock acquire song.txt");
        await ben.DoAsync("git fetch -q && git checkout -q -b also && git reset -q --hard origin/main && git push -q origin also");
    }

    [Fact]
    public async Task By_branch_rules_a_lock_binds_its_own_branch_only()
    {
        var (ana, ben) = await CloneAsync("--branch-rules");
        await ana.DoAsync("posthouse lock acquire song.txt");

        await ben.DoAsync("git checkout -q -b try && echo 2 > song.txt && git commit -qam 'My try' && git push -q origin try");
        (await ben.RunAsync("git push -q origin try:main")).Exit.ShouldBe(1);
    }

    [Fact]
    public async Task A_lock_of_the_whole_project_covers_every_path_and_the_removal_of_a_branch()
    {
        var (ana, ben) = await CloneAsync("");
        await ben.DoAsync("git push -q origin main:old");
        await ana.DoAsync("posthouse lock acquire");

        (await ben.RunAsync("echo 2 > other.txt && git commit -qam Other && git push -q origin main")).Exit.ShouldBe(1);
        (await ben.RunAsync("git push -q origin :old")).Exit.ShouldBe(1);
    }

    private async Task<(Person Ana, Person Ben)> CloneAsync(string options)
    {
        var ana = new Person(_stage, "ana", "Ana", "studio");
        var ben = new Person(_stage, "ben", "Ben", "laptop");
        var server = $"{_stage.Root}/song.git";
        await ana.DoAsync($"git init -q --bare '{server}' && git clone -q '{server}' Song");
        await ana.DoAsync("cd Song");
        await ana.DoAsync("mkdir 'Größe \"1\" 🎵.logicx' && echo 1 | tee 'Größe \"1\" 🎵.logicx/ProjectData' other.txt > song.txt && git add -A && git commit -qm First && git push -q origin main");
        await ana.DoAsync($"posthouse server hook print {options} > '{server}/hooks/pre-receive' && chmod +x '{server}/hooks/pre-receive'");
        await ben.DoAsync($"git clone -q '{server}' Song");
        await ben.DoAsync("cd Song");
        return (ana, ben);
    }
}
