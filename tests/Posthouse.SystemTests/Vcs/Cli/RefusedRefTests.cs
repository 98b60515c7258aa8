using Posthouse.Vcs.Locks;

namespace Posthouse.SystemTests.Vcs.Cli;

/// <summary>A remote whose hook lets nobody write under <c>refs/posthouse/</c>.</summary>
[Collection(OnePocket.Name)]
public sealed class RefusedRefTests : IDisposable
{
    private const string Told = "takes no refs of our own";

    private readonly VerbStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task Locks_are_branches_there_for_all_and_that_is_said_once()
    {
        Transfer.Workshop.WriteScript(Path.Combine(_stage.Remote, "hooks", "update"), "case \"$1\" in refs/posthouse/*) echo 'branches only' >&2; exit 1;; esac");
        var taken = await _stage.Ann.RunAsync("lock", "acquire");
        var conflict = await _stage.Bob.RunAsync("lock", "acquire");
        var again = await _stage.Bob.RunAsync("lock", "acquire", "mix.txt");
        _stage.Ann.Commit("mix.txt", "two");
        var pushed = await _stage.Ann.RunAsync("push");
        var given = await _stage.Ann.RunAsync("lock", "release");
        var next = await _stage.Bob.RunAsync("lock", "status", "--json");

        taken.Exit.ShouldBe(0, taken.Error);
        taken.Error.Split(Told).Length.ShouldBe(2);
        (conflict.Exit, conflict.Error.Contains(Told)).ShouldBe((4, true));
        (again.Exit, again.Error.Contains(Told)).ShouldBe((4, false));
        pushed.Output.ShouldContain("fenced by 1 lock");
        (given.Exit, next.Status).ShouldBe((0, "released"), given.Error);
        (pushed.Error + given.Error).ShouldNotContain(Told);
        VerbStage.Git(_stage.Remote, "for-each-ref", "--format=%(refname)").Split('\n')
            .ShouldBe(["refs/heads/main", LockProtocol.FallbackRefPrefix + ResourceKey.Of(".").Hex], ignoreOrder: true);
    }

    [Fact]
    public async Task Who_may_not_write_where_others_keep_their_locks_makes_no_world_of_locks_beside_theirs()
    {
        await _stage.Ann.RunAsync("lock", "acquire", "mix.txt");
        Refuse();
        var said = await _stage.Bob.RunAsync("lock", "acquire", "other.txt", "--json");

        (said.Exit, said.Code).ShouldBe((3, "FORBIDDEN"));
        said.Output.ShouldContain("ask its owner to let you write there");
        Registers(LockProtocol.FallbackRefPrefix).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 0)]
    public async Task Of_two_first_writers_at_two_places_one_gives_way(bool isRefused, int exit)
    {
        // While this one writes at its place, another writes at the other.
        var (mine, theirs) = isRefused ? (LockProtocol.FallbackRefPrefix, LockProtocol.RefPrefix) : (LockProtocol.RefPrefix, LockProtocol.FallbackRefPrefix);
        var once = Path.Combine(_stage.Remote, "once");
        Refuse(isRefused, $"case \"$1\" in {mine}{ResourceKey.Of("mix.txt").Hex}) [ -e '{once}' ] || env -u GIT_QUARANTINE_PATH git update-ref {theirs}{ResourceKey.Of("other.txt").Hex} refs/heads/main; touch '{once}';; esac");
        var said = await _stage.Bob.RunAsync("lock", "acquire", "mix.txt", "--set", "Network:InitialBackoff=00:00:00.01");

        said.Error.ShouldContain("at the same moment, at another place");
        said.Exit.ShouldBe(exit, said.Error);
        Registers(mine).ShouldBeEmpty();
        Registers(theirs).Length.ShouldBe(isRefused ? 1 : 2);
    }

    [Fact]
    public async Task Locks_at_two_places_are_told_of_and_no_more_are_taken()
    {
        Refuse();
        await _stage.Ann.RunAsync("lock", "acquire", "mix.txt");
        VerbStage.Git(_stage.Remote, "update-ref", LockProtocol.RefPrefix + ResourceKey.Of("other.txt").Hex, "refs/heads/main");
        var said = await _stage.Ann.RunAsync("lock", "acquire", "third.txt", "--no-queue", "--set", "Network:MaxRetries=1", "--set", "Network:InitialBackoff=00:00:00.01");

        said.Exit.ShouldBe(5, said.Error);
        said.Error.ShouldContain("Locks of this remote are at two places");
    }

    private void Refuse(bool isRefused = true, string more = "") => Transfer.Workshop.WriteScript(
        Path.Combine(_stage.Remote, "hooks", "update"), (isRefused ? "case \"$1\" in refs/posthouse/*) exit 1;; esac\n" : "") + more);

    private string[] Registers(string prefix) => VerbStage.Git(_stage.Remote, "for-each-ref", "--format=%(refname)", prefix).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public async Task A_rule_about_one_lock_alone_moves_no_lock_elsewhere()
    {
        var refused = LockProtocol.RefPrefix + ResourceKey.Of("mix.txt").Hex;
        Transfer.Workshop.WriteScript(Path.Combine(_stage.Remote, "hooks", "update"), $"[ \"$1\" != {refused} ]");
        var said = await _stage.Ann.RunAsync("lock", "acquire", "mix.txt", "--json");
        var other = await _stage.Ann.RunAsync("lock", "acquire", "other.txt");

        (said.Exit, said.Code, other.Exit).ShouldBe((3, "FORBIDDEN", 0));
        VerbStage.Git(_stage.Remote, "for-each-ref", "--format=%(refname)", LockProtocol.FallbackRefPrefix).ShouldBeEmpty();
    }
}
