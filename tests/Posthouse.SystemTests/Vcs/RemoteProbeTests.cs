using Posthouse.Jobs;
using Posthouse.Vcs;
using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;

namespace Posthouse.SystemTests.Vcs;

public sealed class RemoteProbeTests
{
    [Fact]
    public async Task A_plain_host_can_do_all_and_nothing_of_the_probe_stays()
    {
        using var ground = new GitGround();
        var bare = ground.Bare();
        await using var server = GitHttpServer.Start(ground.Folder);
        var found = await new RemoteProbe(ground, ground.Clone("c", server.Url("r.git", "me:pw")), SystemIds.Instance).RunAsync(default);
        found.Address.ShouldBe(server.Url("r.git"));
        found.LockPrefix.ShouldBe(LockProtocol.RefPrefix);
        (found.DecidesRaces, found.IsAtomic, found.Refusal).ShouldBe((true, true, null));
        found.ServerTime.ShouldNotBeNull();
        found.LeftBehind.ShouldBeEmpty();
        ground.Git(bare, "for-each-ref").ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_only_branches_are_taken_locks_are_branches_and_what_cannot_be_removed_is_named()
    {
        using var ground = new GitGround();
        var bare = ground.Bare();
        ground.Git(bare, "config", "receive.hideRefs", "refs/posthouse");
        ground.Git(bare, "config", "receive.denyDeletes", "true");
        ground.Git(bare, "config", "receive.advertiseAtomic", "false");
        var found = await new RemoteProbe(ground, ground.Clone("c", bare), SystemIds.Instance).RunAsync(default);
        found.LockPrefix.ShouldBe(LockProtocol.FallbackRefPrefix);
        found.Refusal!.Category.ShouldBe(FailureCategory.Forbidden);
        (found.DecidesRaces, found.IsAtomic, found.ServerTime).ShouldBe((true, false, null));
        found.LeftBehind.ShouldHaveSingleItem().ShouldStartWith(LockProtocol.FallbackRefPrefix);
    }

    [Fact]
    public async Task Where_nothing_may_be_written_no_prefix_is_found_and_where_nothing_is_there_it_fails()
    {
        using var ground = new GitGround();
        var bare = ground.Bare();
        ground.Git(bare, "config", "receive.hideRefs", "refs");
        (await new RemoteProbe(ground, ground.Clone("c", bare), SystemIds.Instance).RunAsync(default)).LockPrefix.ShouldBeNull();
        var failure = await Should.ThrowAsync<VcsException>(() => new RemoteProbe(ground, ground.Clone("d", bare + "-not"), SystemIds.Instance).RunAsync(default));
        failure.Failure.Category.ShouldBe(FailureCategory.NotFound);
    }
}
