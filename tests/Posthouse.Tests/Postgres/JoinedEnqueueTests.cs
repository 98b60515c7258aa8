using Npgsql;
using Posthouse.Jobs;
using Posthouse.Postgres;
using Posthouse.Storage;

namespace Posthouse.Tests.Postgres;

/// <summary>An application's rows and its jobs in one transaction of its own.</summary>
public sealed class JoinedEnqueueTests : IAsyncLifetime
{
    private readonly PostgresGround _ground = new();
    private PostgresJobStore _store = null!;
    private NpgsqlConnection _application = null!;

    public async ValueTask InitializeAsync()
    {
        _store = _ground.Open();
        _application = await PostgresGround.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        await _ground.DisposeAsync();
    }

    [Fact]
    public async Task A_job_is_there_with_the_commit_and_not_before()
    {
        await using var tx = await _application.BeginTransactionAsync();
        (await EnqueueAsync(tx, "a")).Kind.ShouldBe(AdmissionKind.Accepted);
        (await _store.GetAsync(JobId.Parse("a"))).ShouldBeNull();
        await tx.CommitAsync();

        (await _store.GetAsync(JobId.Parse("a"))).ShouldNotBeNull();
        (await _store.CountAsync()).Ready.ShouldBe(1);
    }

    [Fact]
    public async Task A_job_of_a_transaction_that_is_rolled_back_never_was()
    {
        await using (var tx = await _application.BeginTransactionAsync())
        {
            await EnqueueAsync(tx, "a");
            await tx.RollbackAsync();
        }

        (await _store.EnqueueAsync([PostgresGround.Draft("a")]))[0].Kind.ShouldBe(AdmissionKind.Accepted);
        (await _store.CountAsync()).Open.ShouldBe(1);
    }

    [Fact]
    public async Task A_long_transaction_with_a_plain_job_holds_nobody_up()
    {
        await using var tx = await _application.BeginTransactionAsync();
        await EnqueueAsync(tx, "a");

        await _store.EnqueueAsync([PostgresGround.Draft("b", lane: "l")]).WaitAsync(PostgresGround.SafetyNet);
        await tx.CommitAsync();

        (await _store.CountAsync()).Open.ShouldBe(2);
    }

    [Fact]
    public async Task A_long_transaction_that_names_a_known_owner_holds_nobody_up()
    {
        await _store.EnqueueAsync([PostgresGround.Draft("known") with { Owner = "screen" }]);
        await using var tx = await _application.BeginTransactionAsync();
        await _store.EnqueueAsync([PostgresGround.Draft("a") with { Owner = "screen" }], tx, made => made[0]);

        await _store.EnqueueAsync([PostgresGround.Draft("b") with { Owner = "screen" }]).WaitAsync(PostgresGround.SafetyNet);
        await tx.CommitAsync();
        (await _store.CountAsync()).Open.ShouldBe(3);
    }

    [Fact]
    public async Task Jobs_of_a_lane_wait_for_the_one_that_was_enqueued_before_in_a_transaction()
    {
        Task<IReadOnlyList<Admission>> second;
        await using (var tx = await _application.BeginTransactionAsync())
        {
            await EnqueueAsync(tx, "first", lane: "l");
            second = _store.EnqueueAsync([PostgresGround.Draft("second", lane: "l")]);
            await tx.CommitAsync();
        }

        await second.WaitAsync(PostgresGround.SafetyNet);
        (await _store.GetAsync(JobId.Parse("second")))!.WaitsFor.ShouldBe([JobId.Parse("first")]);
    }

    [Fact]
    public async Task An_event_of_a_transaction_that_began_first_and_ends_last_is_missed_by_nobody()
    {
        var reader = _ground.Open();
        await using var tx = await _application.BeginTransactionAsync();
        await EnqueueAsync(tx, "began-first");
        await _store.EnqueueAsync([PostgresGround.Draft("began-last")]);
        var seen = await reader.ReadEventsAsync(0, new EventFilter(), 9);
        seen.ShouldHaveSingleItem().Subject.ShouldBe("began-last");

        await tx.CommitAsync();
        await _store.EnqueueAsync([PostgresGround.Draft("later")]);

        (await reader.ReadEventsAsync(seen[0].Position, new EventFilter(), 9)).Select(one => one.Subject).ShouldBe(["began-first", "later"]);
    }

    [Fact]
    public async Task Who_waits_for_events_hears_of_one_that_no_bell_told()
    {
        var reader = _ground.Open();
        var news = reader.ChangedAsync(await reader.LastPositionAsync(), CancellationToken.None);
        await using var tx = await _application.BeginTransactionAsync();
        await EnqueueAsync(tx, "a");
        await tx.CommitAsync();

        await news.WaitAsync(PostgresGround.SafetyNet);
    }

    [Fact]
    public async Task What_is_refused_leaves_the_applications_own_part_whole()
    {
        await _store.EnqueueAsync([PostgresGround.Draft("a")]);
        await using var tx = await _application.BeginTransactionAsync();
        await RunAsync($"CREATE TABLE {_ground.Schema}.note (text TEXT)");

        var refused = await Should.ThrowAsync<PosthouseException>(() => _store.EnqueueAsync([PostgresGround.Draft("a") with { Payload = "1"u8.ToArray() }], tx, made => made[0]));
        refused.Code.ShouldBe(ErrorCodes.JobIdReused);
        await RunAsync($"INSERT INTO {_ground.Schema}.note VALUES ('kept')");
        await EnqueueAsync(tx, "b");
        await tx.CommitAsync();

        (await PostgresServer.One.AskAsync($"SELECT count(*) FROM {_ground.Schema}.note")).ShouldBe(1L);
        (await _store.CountAsync()).Open.ShouldBe(2);
    }

    [Fact]
    public async Task The_applications_search_path_stays_as_it_was()
    {
        await RunAsync("SET search_path = pg_catalog, public");
        await using var tx = await _application.BeginTransactionAsync();
        await EnqueueAsync(tx, "a");

        await using var ask = new NpgsqlCommand("SHOW search_path", _application);
        (await ask.ExecuteScalarAsync()).ShouldBe("pg_catalog, public");
    }

    [Fact]
    public async Task Totals_count_joined_jobs_before_and_after_a_sweep()
    {
        await using (var tx = await _application.BeginTransactionAsync())
        {
            await EnqueueAsync(tx, "a");
            await tx.CommitAsync();
        }

        await _store.SweepAsync(TimeSpan.FromDays(1));
        await _store.DecideAsync(new JobCommand.Cancel(JobId.Parse("a")));

        (await _store.CountAsync()).OpenBytes.ShouldBe(0);
        (await PostgresServer.One.AskAsync($"SELECT open FROM {_ground.Schema}.job_total")).ShouldBe(0L);
    }

    [Fact]
    public async Task A_transaction_of_another_kind_is_refused_with_the_line_to_write()
    {
        using var other = new Microsoft.Data.Sqlite.SqliteConnection("Data Source=:memory:");
        other.Open();
        using var tx = other.BeginTransaction();
        var refused = await Should.ThrowAsync<PosthouseException>(() => _store.EnqueueAsync([PostgresGround.Draft("a")], tx, made => made[0]));
        (refused.Code, refused.Message).ShouldBe((ErrorCodes.OptionsInvalid, "This is no open transaction of Npgsql. Write: await using var tx = await connection.BeginTransactionAsync();"));
    }

    private Task<Admission> EnqueueAsync(NpgsqlTransaction tx, string id, string? lane = null) =>
        _store.EnqueueAsync([PostgresGround.Draft(id, lane)], tx, made => made[0]);

    private async Task RunAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _application);
        await command.ExecuteNonQueryAsync();
    }
}
