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
