using System.Text;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Commit;
using Posthouse.Storage.Jobs;
using Posthouse.Storage.Sqlite;

namespace Posthouse.Tests.Storage;

/// <summary>A group is bounded by what it writes, so that nobody waits behind a few large calls.</summary>
public sealed class GroupWeightTests : IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly ManualTimeProvider _time = new();
    private Func<bool> _turn = () => false;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Large_enqueues_do_not_make_one_large_group()
    {
        await using var store = Open();
        Task[] thousands = [Enqueue(store, 'a', 1_000), Enqueue(store, 'b', 1_000), Enqueue(store, 'c', 1_000)];
        var one = Enqueue(store, 'd', 1);

        _turn().ShouldBeTrue();
        thousands.Select(task => task.IsCompleted).ShouldBe([true, true, false]);

        _turn().ShouldBeFalse();
        thousands[2].IsCompletedSuccessfully.ShouldBeTrue();
        one.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task A_call_larger_than_a_group_has_one_for_itself()
    {
        await using var store = Open();
        Task[] calls = [Enqueue(store, 'a', CommitLoop.MaxGroup + 1), Enqueue(store, 'b', 1)];

        _turn().ShouldBeTrue();
        calls.Select(task => task.IsCompleted).ShouldBe([true, false]);

        _turn().ShouldBeFalse();
        calls[1].IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task As_many_small_calls_as_a_group_holds_go_together()
    {
        await using var store = Open();
        var calls = Enumerable.Range(0, CommitLoop.MaxGroup).Select(i => Enqueue(store, (char)('A' + i % 26), 1, i)).ToList();
        _turn().ShouldBeFalse();
        calls.ShouldAllBe(call => call.IsCompletedSuccessfully);
    }

    private static Task<IReadOnlyList<Admission>> Enqueue(SqliteJobStore store, char call, int count, int from = 0) => store.EnqueueAsync(
        [.. Enumerable.Range(from, count).Select(i => new JobDraft(JobId.Parse($"{call}-{i}"), "mail.send", 1, Encoding.UTF8.GetBytes("1"), "{}"u8.ToArray()))]);

    private SqliteJobStore Open()
    {
        var options = new SqliteStoreOptions { Path = _folder.File("jobs.db"), Time = _time, Ids = SystemIds.Instance };
        return new SqliteJobStore(SqliteSession.Open(options, new JobDrafts(new JobRegistry(), _time, options.Ids), (name, turn) =>
        {
            _turn = name == "posthouse-commit" ? turn : _turn;
            return new NoDriver();
        }));
    }

    /// <summary>The test itself calls the turns.</summary>
    private sealed class NoDriver : ILoopDriver
    {
        public void Signal()
        {
        }

        public void Dispose()
        {
        }
    }
}
