using System.Text;
using Microsoft.Data.Sqlite;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;

namespace Posthouse.Tests.Storage;

/// <summary>An application's rows and its jobs in one transaction, with ADO.NET alone.</summary>
public sealed class StoreTransactionTests : IAsyncLifetime
{
    private static readonly TimeSpan s_safetyNet = TimeSpan.FromSeconds(10);

    private readonly TempFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private SqliteJobStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _store = Open();
        await using var tx = await _store.BeginAsync();
        Run(tx, "CREATE TABLE note (text TEXT NOT NULL)");
        await tx.CommitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_row_of_the_application_and_its_job_are_committed_together()
    {
        await using (var tx = await _store.BeginAsync())
        {
            Run(tx, "INSERT INTO note VALUES ('hello')");
            (await Enqueue("a", tx)).Kind.ShouldBe(AdmissionKind.Accepted);
            (await _store.GetAsync(JobId.Parse("a"))).ShouldBeNull("nobody sees it before the commit");
            await tx.CommitAsync();
        }

        (await Notes()).ShouldBe(1);
        (await _store.GetAsync(JobId.Parse("a"))).ShouldNotBeNull();
        (await Kinds()).ShouldBe([JobEventBodies.Accepted]);
        (await _store.CountAsync()).OpenBytes.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Disposed_of_without_a_commit_neither_is_there()
    {
        await using (var tx = await _store.BeginAsync())
        {
            Run(tx, "INSERT INTO note VALUES ('hello')");
            await Enqueue("a", tx);
        }

        await ShouldHaveNothing();
    }

    [Fact]
    public async Task Rolled_back_by_the_application_neither_is_there()
    {
        await using (var tx = await _store.BeginAsync())
        {
            Run(tx, "INSERT INTO note VALUES ('hello')");
            await Enqueue("a", tx);
            await tx.Transaction.RollbackAsync();
            (await CodeOf(tx.CommitAsync)).ShouldBe(ErrorCodes.TransactionEnded);
        }

        await ShouldHaveNothing();
    }

    [Fact]
    public async Task Committed_through_the_transaction_itself_the_totals_and_the_mail_are_right_too()
    {
        var me = await _store.JoinAsync(() => { });
        var claim = _store.ClaimAsync(new ClaimRequest(me, 1, TimeSpan.FromMinutes(1)));
        await using (var tx = await _store.BeginAsync())
        {
            await Enqueue("a", tx);
            await tx.Transaction.CommitAsync();
        }

        (await claim.WaitAsync(s_safetyNet)).ShouldHaveSingleItem().Lease.Id.Value.ShouldBe("a");
        (await _store.ReadAsync(read => read.Scalar("SELECT open FROM job_total"))).ShouldBe(1);
    }

    [Fact]
    public async Task A_commit_wakes_claims_and_followers_of_events()
    {
        var me = await _store.JoinAsync(() => { });
        var claim = _store.ClaimAsync(new ClaimRequest(me, 1, TimeSpan.FromMinutes(1)));
        var news = _store.ChangedAsync(await _store.LastPositionAsync(), CancellationToken.None);
        await using var tx = await _store.BeginAsync();
        await Enqueue("a", tx);
        await tx.CommitAsync();

        (await claim.WaitAsync(s_safetyNet)).ShouldHaveSingleItem().Lease.Id.Value.ShouldBe("a");
        await news.WaitAsync(s_safetyNet);
    }

    [Fact]
    public async Task A_refused_job_leaves_nothing_and_the_transaction_goes_on()
    {
        await using var tx = await _store.BeginAsync();
        await Enqueue("a", tx);
        (await CodeOf(() => _store.EnqueueAsync([Draft("b"), Draft("c") with { After = [JobId.Parse("nowhere")] }], tx.Transaction, all => all)))
            .ShouldBe(ErrorCodes.JobNotFound);
        await tx.CommitAsync();

        (await _store.ListAsync(new JobQuery())).ShouldHaveSingleItem().Id.Value.ShouldBe("a");
        (await _store.ReadAsync(read => read.Scalar("SELECT open FROM job_total"))).ShouldBe(1);
    }

    [Fact]
    public async Task Deduplication_and_repeated_ids_work_inside_as_outside()
    {
        await _store.EnqueueAsync([Draft("a") with { DeduplicationKey = "k" }]);
        await using var tx = await _store.BeginAsync();
        (await Enqueue(Draft("b") with { DeduplicationKey = "k", OnDuplicate = OnDuplicate.ReplacePending }, tx)).Kind.ShouldBe(AdmissionKind.ReplacedPending);
        (await Enqueue(Draft("b") with { DeduplicationKey = "k" }, tx)).Kind.ShouldBe(AdmissionKind.AnsweredByExisting);
        await tx.CommitAsync();

        (await _store.GetAsync(JobId.Parse("a")))!.Reason.ShouldBe(DeadReason.Superseded);
    }

    [Fact]
    public async Task After_five_seconds_it_is_rolled_back_and_others_may_write()
    {
        await using var tx = await _store.BeginAsync();
        Run(tx, "INSERT INTO note VALUES ('hello')");
        await Enqueue("a", tx);
        var other = Elsewhere(() => _store.EnqueueAsync([Draft("other")]));
        _time.Advance(StoreTransaction.LongestHold - TimeSpan.FromMilliseconds(1));
        other.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(1));

        await other.WaitAsync(s_safetyNet);
        (await CodeOf(() => Enqueue("b", tx))).ShouldBe(ErrorCodes.TransactionEnded);
        (await CodeOf(tx.CommitAsync)).ShouldBe(ErrorCodes.TransactionEnded);
        Should.Throw<Exception>(() => Run(tx, "INSERT INTO note VALUES ('late')"));
        Should.Throw<SqliteException>(() => Raw(tx, "INSERT INTO note VALUES ('later')")).Message.ShouldContain("readonly");
        (await Notes()).ShouldBe(0);
        (await _store.ListAsync(new JobQuery())).ShouldHaveSingleItem().Id.Value.ShouldBe("other");
    }

    [Fact]
    public async Task A_flow_that_holds_one_and_writes_beside_it_is_told_at_once()
    {
        await using (var tx = await _store.BeginAsync())
        {
            var refused = await Should.ThrowAsync<PosthouseException>(() => _store.EnqueueAsync([Draft("a")]));
            refused.Code.ShouldBe(ErrorCodes.OptionsInvalid);
            refused.Message.ShouldContain("queue.EnqueueAsync(job, tx)");
            (await CodeOf(() => _store.WriteAsync(write => write.Execute("DELETE FROM note")))).ShouldBe(ErrorCodes.OptionsInvalid);
            (await CodeOf(_store.BeginAsync)).ShouldBe(ErrorCodes.OptionsInvalid);
            (await _store.CountAsync()).Open.ShouldBe(0); // Reading is free.
        }

        await _store.EnqueueAsync([Draft("a")]);
    }

    [Fact]
    public async Task Two_flows_get_theirs_one_after_the_other()
    {
        var first = await Elsewhere(_store.BeginAsync);
        var second = Elsewhere(_store.BeginAsync);
        await Enqueue("a", first);
        second.IsCompleted.ShouldBeFalse();
        await first.CommitAsync();

        await using var next = await second.WaitAsync(s_safetyNet);
        await Enqueue("b", next);
        await next.CommitAsync();
        (await _store.ListAsync(new JobQuery())).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_transaction_of_another_connection_is_refused_with_the_line_to_write()
    {
        await using var connection = new SqliteConnection($"Data Source={_folder.File("jobs.db")};Pooling=False");
        await connection.OpenAsync();
        await using var foreign = connection.BeginTransaction(deferred: true);
        var refused = await Should.ThrowAsync<PosthouseException>(() => _store.EnqueueAsync([Draft("a")], foreign, all => all));
        refused.Code.ShouldBe(ErrorCodes.OptionsInvalid);
        refused.Message.ShouldContain("await using var tx = await store.BeginAsync();");
    }

    [Fact]
    public async Task The_lent_connection_is_as_durable_as_the_stores_own()
    {
        await using var tx = await _store.BeginAsync();
        Scalar(tx, "PRAGMA synchronous").ShouldBe(2L);
        Scalar(tx, "PRAGMA journal_mode").ShouldBe("wal");
        Scalar(tx, "PRAGMA wal_autocheckpoint").ShouldBe(0L);
    }

    [Fact]
    public async Task Closing_the_store_rolls_back_what_is_still_lent()
    {
        await using var tx = await _store.BeginAsync();
        await Enqueue("a", tx);
        await _store.DisposeAsync();
        (await CodeOf(tx.CommitAsync)).ShouldBe(ErrorCodes.TransactionEnded);
        await tx.DisposeAsync();
        _store = Open();
        (await _store.ListAsync(new JobQuery())).ShouldBeEmpty();
    }

    private SqliteJobStore Open() =>
        SqliteJobStore.Open(new SqliteStoreOptions { Path = _folder.File("jobs.db"), Time = _time, Ids = SystemIds.Instance }, new JobRegistry());

    /// <summary>What a flow that knows nothing of this one would do.</summary>
    private static Task<T> Elsewhere<T>(Func<Task<T>> call)
    {
        using (ExecutionContext.SuppressFlow())
            return Task.Run(call);
    }

    private Task<Admission> Enqueue(string id, StoreTransaction tx) => Enqueue(Draft(id), tx);

    private async Task<Admission> Enqueue(JobDraft draft, StoreTransaction tx) => (await _store.EnqueueAsync([draft], tx.Transaction, all => all)).ShouldHaveSingleItem();

    private static JobDraft Draft(string id) => new(JobId.Parse(id), "mail.send", 1, Encoding.UTF8.GetBytes($"\"{id}\""), "{}"u8.ToArray());

    private static int Run(StoreTransaction tx, string sql)
    {
        using var command = tx.Connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = tx.Transaction;
        return command.ExecuteNonQuery();
    }

    private static object? Scalar(StoreTransaction tx, string sql)
    {
        using var command = tx.Connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    /// <summary>A statement below ADO.NET's own check that the transaction is still there.</summary>
    private static void Raw(StoreTransaction tx, string sql) =>
        SqliteException.ThrowExceptionForRC(SQLitePCL.raw.sqlite3_exec(((SqliteConnection)tx.Connection).Handle, sql), ((SqliteConnection)tx.Connection).Handle);

    private Task<long> Notes() => _store.ReadAsync(read => read.Scalar("SELECT count(*) FROM note"));

    private async Task<string[]> Kinds() => [.. (await _store.ReadEventsAsync(0, new EventFilter(), 100)).Select(e => e.Kind)];

    private async Task ShouldHaveNothing()
    {
        (await Notes()).ShouldBe(0);
        (await _store.ListAsync(new JobQuery())).ShouldBeEmpty();
        (await Kinds()).ShouldBeEmpty();
        (await _store.ReadAsync(read => read.Scalar("SELECT open FROM job_total"))).ShouldBe(0);
        await _store.EnqueueAsync([Draft("next")]);
    }

    private static async Task<string> CodeOf(Func<Task> call) => (await Should.ThrowAsync<PosthouseException>(call)).Code;
}
