using Posthouse.Vcs;
using Posthouse.Vcs.Locks;

namespace Posthouse.SystemTests.Vcs;

public sealed class GitRefLockStoreTests
{
    private static readonly ResourceKey _key = ResourceKey.Of("songs/mix.als");

    private static LockRecord Record(string opId, long seq = 1) => RememberedRecords.Held(_key.Path, "nora", opId, seq);

    [Fact]
    public async Task A_record_is_read_back_by_another_clone_as_it_was_written_with_the_servers_time()
    {
        using var ground = new GitGround();
        ground.Bare();
        await using var server = GitHttpServer.Start(ground.Folder);
        var serverTime = new DateTimeOffset(2031, 1, 2, 3, 4, 5, TimeSpan.Zero);
        server.Clock = () => serverTime;
        var (writer, reader) = (ground.Client("w", server.Url("r.git")), ground.Client("r", server.Url("r.git")));
        (await reader.Store.ReadAsync(_key, default)).ShouldBe(new LockSnapshot(_key, VersionToken.Absent, null, serverTime));

        var won = (await writer.Store.CompareAndSwapAsync(_key, default, Record("op/1"), default)).ShouldBeOfType<CasOutcome.Won>();

        (await reader.Store.ReadAsync(_key, default)).ShouldBe(new LockSnapshot(_key, won.Version, Record("op/1"), serverTime));
        won.ServerTime.ShouldBe(serverTime);
        reader.Store.Capabilities.HasFlag(LockCapabilities.ServerClock | LockCapabilities.Fencing).ShouldBeTrue();
    }

    [Fact]
    public async Task A_lost_answer_is_looked_up_and_becomes_a_success()
    {
        using var ground = new GitGround();
        var bare = ground.Bare();
        await using var server = GitHttpServer.Start(ground.Folder);
        var client = ground.Client("c", server.Url("r.git"));
        server.Fault = request => request.IsPush ? new GitHttpFault.DropAnswer() : null;

        var won = (await client.Store.CompareAndSwapAsync(_key, default, Record("op/1"), default)).ShouldBeOfType<CasOutcome.Won>();

        won.Version.Value.ShouldBe(ground.Tip(bare, LockProtocol.RefPrefix + _key.Hex));
    }

    [Fact]
    public async Task When_it_cannot_be_looked_up_the_outcome_is_unknown_and_the_repeated_operation_sends_the_same_commit()
    {
        using var ground = new GitGround();
        var bare = ground.Bare();
        await using var server = GitHttpServer.Start(ground.Folder);
        var client = ground.Client("c", server.Url("r.git"));
        var isCut = false;
        server.Fault = request =>
        {
            if (isCut)
                return new GitHttpFault.Reset();
            isCut = request.IsPush;
            return isCut ? new GitHttpFault.DropAnswer() : null;
        };

        var unknown = (await client.Store.CompareAndSwapAsync(_key, default, Record("op/1"), default)).ShouldBeOfType<CasOutcome.Unknown>();
        unknown.Failure.Category.ShouldBe(FailureCategory.Ambiguous);
        var there = ground.Tip(bare, LockProtocol.RefPrefix + _key.Hex);

        // The program died in between: another store, the same journal, a later time in the record.
        server.Fault = null;
        var again = new GitRefLockStore(ground, client.Project, client.Journal);
        var won = (await again.CompareAndSwapAsync(_key, default, Record("op/1") with { TtlSeconds = 60 }, default)).ShouldBeOfType<CasOutcome.Won>();

        won.Version.Value.ShouldBe(there);
        won.Written.ShouldBe(Record("op/1"));
        ground.Tip(bare, LockProtocol.RefPrefix + _key.Hex).ShouldBe(there);
    }

    [Fact]
    public async Task A_lock_file_that_a_killed_push_left_behind_is_contention_and_no_lost_race()
    {
        using var ground = new GitGround();
        var bare = ground.Bare();
        var client = ground.Client("c", bare);
        var file = Path.Combine(bare, LockProtocol.RefPrefix + _key.Hex + ".lock");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "");

        var refused = (await client.Store.CompareAndSwapAsync(_key, default, Record("op/1"), default)).ShouldBeOfType<CasOutcome.Refused>();
        refused.Failure.Category.ShouldBe(FailureCategory.Contention);
        refused.Failure.Hint!.ShouldContain(_key.Hex + ".lock");

        File.Delete(file);
        (await client.Store.CompareAndSwapAsync(_key, default, Record("op/1"), default)).ShouldBeOfType<CasOutcome.Won>();
    }

    [Theory]
    [InlineData(401, null, FailureCategory.Auth)]
    [InlineData(403, null, FailureCategory.Forbidden)]
    [InlineData(403, "7", FailureCategory.RateLimit)]
    [InlineData(404, null, FailureCategory.NotFound)]
    [InlineData(408, null, FailureCategory.Server)]
    [InlineData(429, "Thu, 02 Jan 2031 03:05:05 GMT", FailureCategory.RateLimit)]
    [InlineData(500, null, FailureCategory.Server)]
    [InlineData(503, "120", FailureCategory.Server)]
    public async Task Statuses_of_a_real_exchange_are_told_apart_with_the_time_that_was_asked_for(int status, string? retryAfter, FailureCategory category)
    {
        using var ground = new GitGround();
        ground.Bare();
        await using var server = GitHttpServer.Start(ground.Folder);
        server.Clock = () => new DateTimeOffset(2031, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var client = ground.Client("c", server.Url("r.git", "me:s3cret"));
        TimeSpan? asked = retryAfter switch { null => null, { Length: < 4 } => TimeSpan.FromSeconds(int.Parse(retryAfter)), _ => TimeSpan.FromSeconds(60) };

        server.Fault = _ => new GitHttpFault.Answer(status, retryAfter);
        var reading = (await Should.ThrowAsync<VcsException>(async () => await client.Store.ReadAsync(_key, default))).Failure;
        reading.ShouldSatisfyAllConditions(
            failure => failure.Category.ShouldBe(category),
            failure => failure.StatusCode.ShouldBe(status),
            failure => failure.RetryAfter.ShouldBe(asked),
            failure => $"{failure.Message} {failure.Hint}".ShouldNotContain("s3cret"));

        server.Fault = request => request.IsPush ? new GitHttpFault.Answer(status, retryAfter) : null;
        var outcome = await client.Store.CompareAndSwapAsync(_key, default, Record("op/1"), default);
        var writing = outcome is CasOutcome.Unknown unknown ? unknown.Failure : outcome.ShouldBeOfType<CasOutcome.Refused>().Failure;
        writing.Category.ShouldBe(category);
        writing.RetryAfter.ShouldBe(asked);
    }

    [Fact]
    public async Task A_hook_of_the_far_side_that_says_no_is_policy_and_its_words_are_shown()
    {
        using var ground = new GitGround();
        var bare = ground.Bare();
        var client = ground.Client("c", bare);
        Script(Path.Combine(bare, "hooks", "pre-receive"), "echo 'only branches here' >&2; exit 1");
        var refused = (await client.Store.CompareAndSwapAsync(_key, default, Record("op/1"), default)).ShouldBeOfType<CasOutcome.Refused>();
        refused.Failure.Category.ShouldBe(FailureCategory.Forbidden);
        refused.Failure.Message.ShouldContain("only branches here");
    }

    [Fact]
    public async Task Records_from_a_forger_are_listed_as_unreadable_and_none_is_overlooked()
    {
        using var ground = new GitGround();
        var bare = ground.Bare();
        await using var server = GitHttpServer.Start(ground.Folder);
        var client = ground.Client("c", bare);
        var paths = Enumerable.Range(0, 5).Select(i => $"take {i}.wav").ToList();
        foreach (var path in paths)
            await client.Store.CompareAndSwapAsync(ResourceKey.Of(path), default, RememberedRecords.Held(path, "nora", $"op {path}/1"), default);
        var moved = ResourceKey.Of("elsewhere");
        var junk = ResourceKey.Of("junk");
        ground.Git(bare, "update-ref", LockProtocol.RefPrefix + moved.Hex, LockProtocol.RefPrefix + ResourceKey.Of(paths[0]).Hex);
        ground.Git(bare, "update-ref", LockProtocol.RefPrefix + junk.Hex, ground.Git(bare, "commit-tree", "-m", "no record", ground.Git(bare, "hash-object", "-t", "tree", "-w", "/dev/null")));

        var reader = ground.Client("r", server.Url("r.git"));
        var seen = await reader.Store.ListAsync(default).ToListAsync();

        seen.Where(one => one.Record is not null).Select(one => one.Key.Path).ShouldBe(paths, ignoreOrder: true);
        seen.Where(one => one.Record is null).Select(one => one.Key).ShouldBe([moved, junk], ignoreOrder: true);
        (await reader.Store.ReadAsync(moved, default)).Record.ShouldBeNull();
        var exchanges = server.Requests.Count;
        (await reader.Store.ListAsync(default).CountAsync()).ShouldBe(7);
        (server.Requests.Count - exchanges).ShouldBe(2, "records that are here already are not fetched again");
    }

    [Fact]
    public async Task A_registers_history_is_cut_now_and_then_but_not_where_it_is_a_branch()
    {
        using var ground = new GitGround();
        var bare = ground.Bare();
        foreach (var (name, prefix, commits) in new[] { ("free", LockProtocol.RefPrefix, 1), ("branch", LockProtocol.FallbackRefPrefix, 2) })
        {
            var client = ground.Client(name, bare, prefix);
            var first = (CasOutcome.Won)await client.Store.CompareAndSwapAsync(_key, default, Record("op/63", 63), default);
            var second = (CasOutcome.Won)await client.Store.CompareAndSwapAsync(_key, first.Version, Record("op/64", 64), default);
            ground.Git(bare, "rev-list", "--count", second.Version.Value!).ShouldBe(commits.ToString());
            (await ground.Client("reader of " + name, bare, prefix).Store.ReadAsync(_key, default)).Record.ShouldBe(Record("op/64", 64));
        }

        ground.Git(bare, "log", "-1", "--format=%s", LockProtocol.FallbackRefPrefix + _key.Hex).ShouldContain("[skip ci]");
    }

    private static void Script(string path, string body)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "#!/bin/sh\n" + body + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
