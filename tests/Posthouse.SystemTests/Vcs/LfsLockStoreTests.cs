using System.Text.Json;
using Posthouse.Vcs;
using Posthouse.Vcs.Locks;

namespace Posthouse.SystemTests.Vcs;

/// <summary>Locks of an LFS host: Debian's git-lfs and this program see and respect the same ones, and a cut at any point is survived.</summary>
public sealed class LfsLockStoreTests : IDisposable
{
    private readonly LfsGround _ground = new();
    private readonly ResourceKey _song = ResourceKey.Of("mix/song.wav");
    private readonly ResourceKey _other = ResourceKey.Of("mix/Größe 2.wav");

    public void Dispose() => _ground.Dispose();

    [Fact]
    public async Task Debian_s_git_lfs_and_this_program_see_and_respect_each_other_s_locks()
    {
        await using var server = await LfsLockServer.StartAsync();
        var (john, sarah) = (_ground.Tree("john", server.UrlFor("john")), _ground.Tree("sarah", server.UrlFor("sarah")));
        var store = _ground.Store(john, server.UrlFor("john"), "john");
        var policy = LfsGround.Policy(store, "john");

        // Ours, as git-lfs sees it.
        var mine = (await Acquire(policy, _song)).ShouldBeOfType<LockAnswer.Acquired>();
        var seen = Shown(sarah).ShouldHaveSingleItem();
        (seen.Path, seen.Owner, seen.Id).ShouldBe(("mix/song.wav", "john", mine.Lock.Record!.LockId));
        _ground.Ask("git-lfs", sarah, "lock", "mix/song.wav").ExitCode.ShouldNotBe(0);
        _ground.Ask("git-lfs", john, "locks", "--verify").Output.ShouldContain("O mix/song.wav");

        // Theirs, as we see it.
        var locked = _ground.Ask("git-lfs", sarah, "lock", "mix/Größe 2.wav");
        locked.ExitCode.ShouldBe(0, locked.Errors);
        var conflict = (await Acquire(policy, _other)).ShouldBeOfType<LockAnswer.Conflict>();
        (conflict.Holder.Record!.Owner.Shown, conflict.Holder.TakeoverFrom).ShouldBe(("sarah@lfs", null));
        (await Listed(policy)).ShouldBe(["mix/Größe 2.wav sarah False", "mix/song.wav john True"], ignoreOrder: true);
        (await policy.ReleaseAsync(new ReleaseRequest(_other), "release-1", default)).ShouldBeOfType<LockAnswer.NotHeld>();

        // A break needs the very lock; then it is gone for both.
        (await policy.BreakAsync(new BreakRequest(_other, "999"), "break-1", default)).ShouldBeOfType<LockAnswer.Mismatch>();
        (await policy.BreakAsync(new BreakRequest(_other, conflict.Holder.Record.LockId), "break-2", default)).ShouldBeOfType<LockAnswer.Broken>();
        (await policy.ReleaseAsync(new ReleaseRequest(_song), "release-2", default)).ShouldBeOfType<LockAnswer.Released>();
        Shown(sarah).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unlock_by_git_lfs_ends_our_tenure_and_a_forced_one_too()
    {
        await using var server = await LfsLockServer.StartAsync();
        var (john, sarah) = (_ground.Tree("john", server.UrlFor("john")), _ground.Tree("sarah", server.UrlFor("sarah")));
        var policy = LfsGround.Policy(_ground.Store(john, server.UrlFor("john"), "john"), "john");
        await Acquire(policy, _song);

        var unlocked = _ground.Ask("git-lfs", sarah, "unlock", "--force", "mix/song.wav");
        unlocked.ExitCode.ShouldBe(0, unlocked.Errors);
        (await policy.ReleaseAsync(new ReleaseRequest(_song), "release-1", default)).ShouldBeOfType<LockAnswer.NotHeld>();
        (await Acquire(policy, _song)).ShouldBeOfType<LockAnswer.Acquired>();
    }

    [Fact]
    public async Task An_answer_that_is_lost_costs_nothing_for_lock_and_unlock()
    {
        await using var server = await LfsLockServer.StartAsync();
        var journal = new LfsGround.Journal();
        var store = _ground.Store(_ground.Tree("john", server.UrlFor("john")), server.UrlFor("john"), "john", journal);
        var policy = LfsGround.Policy(store, "john");

        server.DropsNextAnswer = true;
        (await Acquire(policy, _song, "acquire-1")).ShouldBeOfType<LockAnswer.Unknown>();
        (await Acquire(policy, _song, "acquire-1")).IsSuccess.ShouldBeTrue();

        server.DropsNextAnswer = true;
        (await policy.ReleaseAsync(new ReleaseRequest(_song), "release-1", default)).ShouldBeOfType<LockAnswer.Unknown>();
        (await policy.ReleaseAsync(new ReleaseRequest(_song), "release-1", default)).ShouldBeOfType<LockAnswer.NotHeld>();
    }

    [Fact]
    public async Task A_conflict_is_a_success_only_for_the_operation_that_made_the_lock()
    {
        await using var server = await LfsLockServer.StartAsync();
        var tree = _ground.Tree("john", server.UrlFor("john"));
        var store = _ground.Store(tree, server.UrlFor("john"), "john");
        var taken = (await Acquire(LfsGround.Policy(_ground.Store(tree, server.UrlFor("john"), "john"), "john"), _other)).ShouldBeOfType<LockAnswer.Acquired>();
        var record = taken.Lock.Record! with { Path = _song.Path, OpId = "acquire-1/1" };

        server.DropsNextAnswer = true;
        (await store.CompareAndSwapAsync(_song, VersionToken.Absent, record, default)).ShouldBeOfType<CasOutcome.Unknown>();
        (await store.CompareAndSwapAsync(_song, VersionToken.Absent, record with { OpId = "acquire-2/1" }, default)).ShouldBeOfType<CasOutcome.Lost>();
        var won = (await store.CompareAndSwapAsync(_song, VersionToken.Absent, record, default)).ShouldBeOfType<CasOutcome.Won>();
        (won.Written!.LockId, won.Written.OpId).ShouldBe((won.Version.Value!, "acquire-1/1"));
    }

    [Fact]
    public async Task Credentials_come_from_git_s_own_programs_and_wrong_ones_are_an_authentication_failure()
    {
        await using var server = await LfsLockServer.StartAsync();
        var tree = _ground.Tree("mia", server.UrlFor(null));
        (await Acquire(LfsGround.Policy(_ground.Store(tree, server.UrlFor(null), "mia"), "mia"), _song)).ShouldBeOfType<LockAnswer.Failed>().Failure.Category.ShouldBe(FailureCategory.Auth);

        _ground.Ask("git", tree, "config", "credential.helper", $"!f() {{ echo username=mia; echo 'password={LfsLockServer.Password}'; }}; f");
        (await Acquire(LfsGround.Policy(_ground.Store(tree, server.UrlFor(null), "mia"), "mia"), _song)).ShouldBeOfType<LockAnswer.Acquired>();

        var known = await Acquire(LfsGround.Policy(_ground.Store(tree, server.UrlFor("mia", "guess"), "mia"), "mia"), _song);
        known.IsSuccess.ShouldBeTrue("Git's programs know better than the address");
        _ground.Ask("git", tree, "config", "credential.helper", "!f() { echo username=mia; echo password=guess; }; f");
        (await Acquire(LfsGround.Policy(_ground.Store(tree, server.UrlFor(null), "mia"), "mia"), _song)).ShouldBeOfType<LockAnswer.Failed>().Failure.Code.ShouldBe(VcsErrors.AuthenticationFailed);
    }

    [Theory]
    [InlineData(404, nameof(FailureCategory.NotFound), "no LFS lock service")]
    [InlineData(403, nameof(FailureCategory.RateLimit), "not now")] // With a Retry-After it is a limit.
    [InlineData(429, nameof(FailureCategory.RateLimit), "not now")]
    [InlineData(503, nameof(FailureCategory.Server), "not now")]
    [InlineData(422, nameof(FailureCategory.ClientBug), "not now")]
    public async Task An_answer_that_is_no_success_is_judged_by_its_status(int status, string category, string says)
    {
        await using var server = await LfsLockServer.StartAsync();
        server.Status = status;
        var failure = (await Acquire(LfsGround.Policy(_ground.Store(_ground.Tree("john", server.UrlFor("john")), server.UrlFor("john"), "john"), "john"), _song)).ShouldBeOfType<LockAnswer.Failed>().Failure;
        (failure.Category.ToString(), failure.RetryAfter).ShouldBe((category, TimeSpan.FromSeconds(7)));
        failure.Message.ShouldContain(says);
        failure.Message.ShouldNotContain(LfsLockServer.Password);
    }

    [Fact]
    public async Task Many_pages_are_read_to_their_end()
    {
        await using var server = await LfsLockServer.StartAsync();
        var policy = LfsGround.Policy(_ground.Store(_ground.Tree("john", server.UrlFor("john")), server.UrlFor("john"), "john"), "john");
        for (var i = 0; i < 250; i++)
            (await Acquire(policy, ResourceKey.Of($"file {i}"), $"acquire-{i}")).IsSuccess.ShouldBeTrue();
        (await Listed(policy)).Distinct().Count().ShouldBe(250);
        (await policy.ReadAsync(ResourceKey.Of("file 249"), default)).IsMine.ShouldBeTrue();
    }

    [Fact]
    public async Task What_an_LFS_host_cannot_do_is_said()
    {
        await using var server = await LfsLockServer.StartAsync();
        var policy = LfsGround.Policy(_ground.Store(_ground.Tree("john", server.UrlFor("john")), server.UrlFor("john"), "john"), "john");
        policy.Capabilities.ShouldBe(LockCapabilities.AtomicCas | LockCapabilities.Paths | LockCapabilities.ServerIdentity | LockCapabilities.ServerClock);
        (await Acquire(policy, ResourceKey.Of("."))).ShouldBeOfType<LockAnswer.Failed>().Failure.Message.ShouldContain("files only");
        await Acquire(policy, _song);
        foreach (var answer in new[] { await policy.RenewAsync(new RenewRequest(_song, null), "renew-1", default), await policy.GuardAsync(_song, null, "push-1", default) })
            answer.ShouldBeOfType<LockAnswer.Failed>().Failure.Code.ShouldBe(VcsErrors.RemoteUnsupported);
    }

    [Fact]
    public async Task A_host_that_is_away_is_a_network_failure()
    {
        var server = await LfsLockServer.StartAsync();
        var endpoint = server.UrlFor("john");
        await server.DisposeAsync();
        var policy = LfsGround.Policy(_ground.Store(_ground.Tree("john", endpoint), endpoint, "john"), "john");
        (await Acquire(policy, _song)).ShouldBeOfType<LockAnswer.Failed>().Failure.Category.ShouldBe(FailureCategory.Network);
    }

    [Theory]
    [InlineData("https://host.example/a/b", "https://host.example/a/b.git/info/lfs", null)]
    [InlineData("https://user:p%40ss@host.example/a/b.git/", "https://host.example/a/b.git/info/lfs", "user:p@ss")]
    [InlineData("git@host.example:a/b.git", null, null)]
    [InlineData("/srv/git/b.git", null, null)]
    public void The_endpoint_stands_beside_the_remote(string remote, string? endpoint, string? userInfo)
    {
        var found = LfsEndpoint.Beside(remote);
        (found?.Uri.AbsoluteUri, found?.UserInfo).ShouldBe((endpoint, userInfo));
    }

    private static Task<LockAnswer> Acquire(LockPolicy policy, ResourceKey key, string id = "acquire-0") =>
        policy.AcquireAsync(new AcquireRequest(key, TimeSpan.FromHours(4)), id, default);

    private static async Task<List<string>> Listed(LockPolicy policy)
    {
        var listed = new List<string>();
        await foreach (var view in policy.ListAsync(default))
            listed.Add($"{view.Key.Path} {view.Record!.Owner.User} {view.IsMine}");
        return listed;
    }

    private List<(string Path, string Owner, string Id)> Shown(string tree)
    {
        var answer = _ground.Ask("git-lfs", tree, "locks", "--json");
        answer.ExitCode.ShouldBe(0, answer.Errors);
        using var json = JsonDocument.Parse(answer.Output);
        return [.. json.RootElement.EnumerateArray().Select(one => (one.GetProperty("path").GetString()!, one.GetProperty("owner").GetProperty("name").GetString()!, one.GetProperty("id").GetString()!))];
    }
}
