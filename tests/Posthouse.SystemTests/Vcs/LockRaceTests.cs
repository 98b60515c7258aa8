using Posthouse.Vcs.Git;
using Posthouse.Vcs.Locks;

namespace Posthouse.SystemTests.Vcs;

public sealed class LockRaceTests
{
    private static bool IsLong => Environment.GetEnvironmentVariable("POSTHOUSE_TEST_LONG") == "1";

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 2)]
    [InlineData(false, 8)]
    [InlineData(true, 8)]
    public async Task Exactly_one_of_those_who_race_for_a_register_wins_it(bool overHttp, int clients)
    {
        var races = (IsLong, clients) switch { (true, 2) => 200, (true, _) => 50, (_, 2) => 12, _ => 2 };
        using var ground = new GitGround();
        var bare = ground.Bare();
        await using var server = GitHttpServer.Start(ground.Folder);
        var racers = Enumerable.Range(0, clients).Select(i => ground.Client($"c{i}", overHttp ? server.Url("r.git") : bare)).ToList();
        var key = ResourceKey.Of("mix.als");
        var version = VersionToken.Absent;
        for (var race = 1; race <= races; race++)
        {
            // Half of the races are for a register that nobody ever wrote, half for one that all have seen in the same version.
            if (race % 2 == 1)
                (key, version) = (ResourceKey.Of($"take {race}/mix.als"), VersionToken.Absent);
            else
                await Task.WhenAll(racers.Select(racer => racer.Store.ReadAsync(key, default).AsTask()));
            using var start = new Barrier(clients);
            var outcomes = await Task.WhenAll(racers.Select((racer, i) => Task.Factory.StartNew(
                () =>
                {
                    var record = RememberedRecords.Held(key.Path, $"c{i}", $"op{i}/{race}", race);
                    start.SignalAndWait();
                    return racer.Store.CompareAndSwapAsync(key, version, record, default).AsTask();
                },
                TaskCreationOptions.LongRunning).Unwrap()));

            var won = outcomes.OfType<CasOutcome.Won>().ShouldHaveSingleItem();
            ground.Tip(bare, LockProtocol.RefPrefix + key.Hex).ShouldBe(won.Version.Value);
            outcomes.OfType<CasOutcome.Lost>().ShouldAllBe(lost => lost.Now.Version == won.Version);
            outcomes.Count(outcome => outcome is CasOutcome.Lost).ShouldBe(clients - 1, string.Join('\n', outcomes.Select(outcome => outcome.ToString())));
            version = won.Version;
        }
    }

    [Fact]
    public async Task A_fenced_push_and_a_break_never_both_succeed_and_the_branch_never_moves_after_the_lock_was_lost()
    {
        var races = IsLong ? 200 : 10;
        using var ground = new GitGround();
        var bare = ground.Bare();
        await using var server = GitHttpServer.Start(ground.Folder);
        var holder = ground.Client("holder", server.Url("r.git"));
        var breaker = ground.Client("breaker", server.Url("r.git"));
        var key = ResourceKey.Of("mix.als");
        var version = VersionToken.Absent;
        var main = "";
        for (var race = 0; race < races; race++)
        {
            var held = RememberedRecords.Held(key.Path, "holder", $"take/{race}", (race * 2) + 1);
            version = (await holder.Store.CompareAndSwapAsync(key, version, held, default)).ShouldBeOfType<CasOutcome.Won>().Version;
            await breaker.Store.ReadAsync(key, default);
            var next = Commit(ground, holder, main, $"take {race}");
            var guard = await holder.Store.BuildGuardAsync(new LockSnapshot(key, version, held), held with { Seq = held.Seq + 1, OpId = $"push/{race}" }, default);
            var broken = held with { State = LockState.Broken, Seq = held.Seq + 1, Epoch = held.Epoch + 1, OpId = $"break/{race}", By = RememberedRecords.Held(".", "breaker", "x").Owner };

            var words = (string[])["push", "--porcelain", "--atomic", $"--force-with-lease={guard.Ref}:{guard.Expected}", holder.Project.PushUrl, $"{next}:refs/heads/main", $"{guard.Renewal}:{guard.Ref}"];
            var pushing = ground.RunAsync(new GitCall(holder.Project.Root, words) { Talks = true }, default);
            var breaking = breaker.Store.CompareAndSwapAsync(key, version, broken, default).AsTask();
            var pushed = (await pushing).ExitCode == 0;
            var outcome = await breaking;

            pushed.ShouldBe(outcome is not CasOutcome.Won, outcome.ToString());
            ground.Tip(bare, "refs/heads/main").ShouldBe(pushed ? next : main);
            main = pushed ? next : main;
            version = (await holder.Store.ReadAsync(key, default)).Version;
            version.Value.ShouldBe(pushed ? guard.Renewal : ((CasOutcome.Won)outcome).Version.Value);
        }
    }

    [Fact]
    public async Task Two_records_that_differ_in_nothing_but_the_operation_are_not_taken_for_one()
    {
        using var ground = new GitGround();
        var bare = ground.Bare();
        var (one, two) = (ground.Client("one", bare), ground.Client("two", bare));
        var key = ResourceKey.Of(".");
        (await one.Store.CompareAndSwapAsync(key, default, RememberedRecords.Held(".", "same", "op1/1"), default)).ShouldBeOfType<CasOutcome.Won>();
        (await two.Store.CompareAndSwapAsync(key, default, RememberedRecords.Held(".", "same", "op2/1"), default)).ShouldBeOfType<CasOutcome.Lost>();
    }

    private static string Commit(GitGround ground, LockClient client, string parent, string message)
    {
        var tree = ground.Git(client.Project.Root, "write-tree");
        IReadOnlyList<string> words = parent.Length == 0 ? ["commit-tree", "-m", message, tree] : ["commit-tree", "-p", parent, "-m", message, tree];
        return ground.Git(client.Project.Root, words);
    }
}
