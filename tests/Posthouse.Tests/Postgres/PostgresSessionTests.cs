using Npgsql;
using Posthouse.Jobs;
using Posthouse.Postgres;
using Posthouse.Storage;

namespace Posthouse.Tests.Postgres;

/// <summary>What a server does to its clients: it cuts them off, it is asked by several, it refuses.</summary>
public sealed class PostgresSessionTests : IAsyncDisposable
{
    private readonly PostgresGround _ground = new();

    public ValueTask DisposeAsync() => _ground.DisposeAsync();

    [Fact]
    public async Task A_job_enqueued_by_one_process_wakes_the_other()
    {
        var (producer, worker) = (_ground.Open(), _ground.Open());
        var me = await worker.JoinAsync(() => { });
        var claim = worker.ClaimAsync(new ClaimRequest(me, 1, TimeSpan.FromMinutes(1)));

        await producer.EnqueueAsync([PostgresGround.Draft("a")]);

        (await claim.WaitAsync(PostgresGround.SafetyNet)).ShouldHaveSingleItem().Lease.Id.ShouldBe(JobId.Parse("a"));
    }

    [Fact]
    public async Task A_bell_wakes_who_waits_though_no_clock_ever_has_him_look()
    {
        var (producer, worker) = (_ground.Open(), _ground.Open(_ground.Options([]) with { Time = new ManualTimeProvider() }));
        var claim = worker.ClaimAsync(new ClaimRequest(await worker.JoinAsync(() => { }), 1, TimeSpan.FromMinutes(1)));
        await producer.EnqueueAsync([PostgresGround.Draft("a") with { NotBefore = DateTimeOffset.UnixEpoch }]);

        (await claim.WaitAsync(PostgresGround.SafetyNet)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_session_waits_ten_seconds_for_others_and_is_ended_after_five_of_standing_still()
    {
        var settings = await _ground.Open().WriteAsync(write => write.QueryFirst(
            "SELECT current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout'), current_setting('synchronous_commit')",
            row => (row.Text(0), row.Text(1), row.Text(2))));
        settings.ShouldBe(("10s", "5s", "on"));
    }

    [Fact]
    public async Task A_server_that_refuses_what_goes_along_with_the_commit_stores_nothing_and_is_asked_again()
    {
        var store = _ground.Open();
        await store.EnqueueAsync([PostgresGround.Draft("a")]);
        await store.WriteAsync(write =>
        {
            write.Execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no memory'' USING ERRCODE = ''53200''; END'");
            write.Execute("CREATE TRIGGER refuse BEFORE UPDATE ON job_total FOR EACH ROW EXECUTE FUNCTION refuse()");
            return true;
        });

        (await Should.ThrowAsync<PosthouseException>(() => store.EnqueueAsync([PostgresGround.Draft("b")]))).Code.ShouldBe(ErrorCodes.StoreUnavailable);

        await store.WriteAsync(write => write.Execute("DROP TRIGGER refuse ON job_total"));
        await store.EnqueueAsync([PostgresGround.Draft("b")]);
        (await store.CountAsync()).Open.ShouldBe(2);
    }

    [Fact]
    public async Task A_change_that_hides_a_failed_statement_is_not_said_to_be_stored()
    {
        var store = _ground.Open();
        var hidden = store.WriteAsync(write =>
        {
            write.Execute("INSERT INTO pause(scope) VALUES ('to:a')");
            Should.Throw<PosthouseException>(() => write.Execute("INSERT INTO pause(scope) VALUES ('to:a')"));
            return true;
        });

        await Should.ThrowAsync<Exception>(() => hidden);
        (await store.CountAsync()).PausedDestinations.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_empty_enqueue_beside_others_stops_nobody()
    {
        var store = _ground.Open();
        Task<IReadOnlyList<Admission>>[] enqueued = [store.EnqueueAsync([]), store.EnqueueAsync([PostgresGround.Draft("a")]), store.EnqueueAsync([])];
        (await Task.WhenAll(enqueued)).Select(made => made.Count).ShouldBe([0, 1, 0]);
    }

    [Theory]
    [InlineData("Database=app;Username=app")]
    [InlineData("Host=127.0.0.1;Port=99999;Database=app")]
    [InlineData("Host=127.0.0.1;Database=app;Target Session Attributes=primary")]
    public void What_a_connection_string_cannot_mean_is_said_with_a_code(string connection) => Should.Throw<PosthouseException>(
        () => _ground.Open(_ground.Options([]) with { ConnectionString = connection })).Code.ShouldBe(ErrorCodes.OptionsInvalid);

    [Fact]
    public async Task A_schema_may_be_called_as_the_servers_own_words_are_and_not_as_its_own_schemas()
    {
        var named = _ground.Options([]) with { Schema = "user" };
        await _ground.Open(named).EnqueueAsync([PostgresGround.Draft("a")]);
        Should.Throw<PosthouseException>(() => _ground.Open(named with { Schema = "pg_house" })).Code.ShouldBe(ErrorCodes.OptionsInvalid);
    }

    [Fact]
    public async Task A_process_whose_server_process_is_killed_goes_on()
    {
        var store = _ground.Open();
        await store.EnqueueAsync([PostgresGround.Draft("a")]);
        var cut = await Should.ThrowAsync<PosthouseException>(() => store.WriteAsync(write =>
        {
            write.Execute("UPDATE job SET priority = 9");
            return write.Scalar("SELECT 1 FROM pg_terminate_backend(pg_backend_pid())");
        }));

        cut.Code.ShouldBe(ErrorCodes.StoreUnavailable);
        (await store.GetAsync(JobId.Parse("a")))!.Priority.ShouldBe(0);
        (await store.EnqueueAsync([PostgresGround.Draft("b")]))[0].Kind.ShouldBe(AdmissionKind.Accepted);
    }

    [Fact]
    public async Task Readers_and_the_bell_come_back_after_all_connections_were_cut()
    {
        var (producer, worker) = (_ground.Open(), _ground.Open());
        var me = await worker.JoinAsync(() => { });
        await producer.CountAsync();
        await PostgresServer.One.AskAsync($"""
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'posthouse' AND query LIKE '%{_ground.Schema}%'
            """);

        await EventuallyAsync(() => producer.EnqueueAsync([PostgresGround.Draft("a")]));
        await EventuallyAsync(async () =>
        {
            var claim = worker.ClaimAsync(new ClaimRequest(me, 1, TimeSpan.FromMinutes(1)));
            (await claim.WaitAsync(PostgresGround.SafetyNet)).ShouldHaveSingleItem();
        });
        (await producer.CountAsync()).Running.ShouldBe(1);
    }

    [Fact]
    public async Task Who_stands_still_inside_a_transaction_is_cut_off_and_others_go_on()
    {
        var store = _ground.Open();
        await using var frozen = await PostgresGround.ConnectAsync();
        await using var begin = new NpgsqlCommand($"""
            SET idle_in_transaction_session_timeout = 300; BEGIN; SELECT pg_advisory_xact_lock({PostgresPlace.Of(_ground.Options([])).Gate})
            """, frozen);
        await begin.ExecuteNonQueryAsync();

        await store.EnqueueAsync([PostgresGround.Draft("a")]).WaitAsync(PostgresGround.SafetyNet);
    }

    [Fact]
    public async Task Processes_that_start_together_make_the_schema_once()
    {
        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => PostgresJobStore.Open(_ground.Options([]), new JobRegistry()))));
        foreach (var store in opened)
        {
            (await store.CountAsync()).Open.ShouldBe(0);
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_schema_that_a_newer_version_wrote_is_refused()
    {
        var part = new SchemaPart("room", [("CREATE TABLE room (name TEXT)", ""), ("ALTER TABLE room ADD COLUMN size BIGINT", "")], ["room"]);
        await (_ground.Open(part)).CountAsync();

        var older = part with { Migrations = [part.Migrations[0]] };
        Should.Throw<PosthouseException>(() => PostgresJobStore.Open(_ground.Options([older]), new JobRegistry())).Code.ShouldBe(ErrorCodes.SchemaNewer);
    }

    [Fact]
    public async Task Texts_are_compared_by_their_bytes_in_rooms_too()
    {
        var store = _ground.Open(new SchemaPart("room", [("CREATE TABLE room (name TEXT PRIMARY KEY, other TEXT NOT NULL)", "")], ["room"]));
        await store.WriteAsync(write => write.Execute("INSERT INTO room(name, other) VALUES ('b', 'ä'), ('B', 'z'), ('a', 'Z')"));

        (await store.ReadAsync(read => read.Query("SELECT name FROM room ORDER BY name", row => row.Text(0)))).ShouldBe(["B", "a", "b"]);
        (await store.ReadAsync(read => read.Query("SELECT other FROM room ORDER BY other", row => row.Text(0)))).ShouldBe(["Z", "z", "ä"]);
    }

    [Theory]
    [InlineData("Host=/nowhere;Username=x;Timeout=1", "posthouse", ErrorCodes.StoreUnavailable)]
    [InlineData("Hust=a", "posthouse", ErrorCodes.OptionsInvalid)]
    [InlineData("Host=a", "Post house", ErrorCodes.OptionsInvalid)]
    public void A_place_that_is_none_is_refused_with_a_code(string connection, string schema, string code) =>
        Should.Throw<PosthouseException>(() => PostgresJobStore.Open(_ground.Options([]) with { ConnectionString = connection, Schema = schema }, new JobRegistry())).Code.ShouldBe(code);

    /// <summary>The first tries may meet connections that were cut; the store opens new ones.</summary>
    private static async Task EventuallyAsync(Func<Task> work)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                await work();
                return;
            }
            catch (PosthouseException) when (tries < 5)
            {
            }
        }
    }
}
