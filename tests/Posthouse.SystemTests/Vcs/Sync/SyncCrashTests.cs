using Posthouse.SystemTests.Cli;

namespace Posthouse.SystemTests.Vcs.Sync;

/// <summary>A sync dies at each of its moments, as by kill -9; the next one does what is left, once.</summary>
public sealed class SyncCrashTests : IDisposable
{
    private readonly SyncGround _ground = new();

    public static TheoryData<int, int> Moments => new()
    {
        { (int)CrashAt.GroupRun, 3 },
        { (int)CrashAt.GroupCommitted, 3 },
        { (int)CrashAt.GroupCommitted, 6 },
        { (int)CrashAt.Claimed, 1 },
        { (int)CrashAt.Claimed, 2 },
        { (int)CrashAt.Claimed, 3 },
        { (int)CrashAt.HandlerAnswered, 1 }, // The lock is taken and nobody knows.
        { (int)CrashAt.HandlerAnswered, 2 }, // The branch is there and nobody knows.
        { (int)CrashAt.HandlerAnswered, 3 }, // The lock is given back and nobody knows.
        { (int)CrashAt.Settled, 1 },
        { (int)CrashAt.Settled, 2 },
    };

    public void Dispose() => _ground.Dispose();

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task A_sync_that_dies_is_finished_by_the_next_and_nothing_is_done_twice(int point, int times)
    {
        var tip = await _ground.QueueWork("work");
        using (var dying = _ground.Start(_ground.Clone, $"{point}:{times}", "queue", "sync")) { (await dying.EndAsync()).Exit.ShouldBe(PosthouseProcess.Killed); }

        var (exit, output, error) = await _ground.Run("queue", "sync");

        exit.ShouldBe(0, output + error);
        ShouldBeDoneOnce(tip);
    }

    [Fact]
    public async Task Two_syncs_at_once_share_the_work()
    {
        var tip = await _ground.QueueWork("work");

        using var first = _ground.Start(_ground.Clone, null, "queue", "sync");
        using var second = _ground.Start(_ground.Clone, null, "queue", "sync");
        var ends = await Task.WhenAll(first.EndAsync(), second.EndAsync());

        ends.ShouldAllBe(end => end.Exit == 0, string.Join('\n', ends.Select(end => end.Output + end.Error)));
        ShouldBeDoneOnce(tip);
    }

    private void ShouldBeDoneOnce(string tip)
    {
        _ground.RemoteTip().ShouldBe(tip);
        var records = _ground.Records();
        records[0].GetProperty("state").GetString().ShouldBe("released");
        records.ShouldAllBe(record => record.GetProperty("epoch").GetInt64() == 1, "one tenure, however often it was tried");
        records.Count(record => record.GetProperty("state").GetString() == "released").ShouldBe(1);
    }
}
