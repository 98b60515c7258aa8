using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Posthouse.Cli;
using Posthouse.Cli.Hosting;
using Posthouse.Cli.Moving;
using Posthouse.Files;
using Posthouse.Ivxp.Chain;
using Posthouse.Ivxp.Orders;
using Posthouse.Ivxp.Payments;
using Posthouse.Jobs;
using Posthouse.Postgres;
using Posthouse.Storage;
using Posthouse.Storage.Sqlite;
using Posthouse.Tests.Postgres;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Moving;

/// <summary>A store that is moved is the same store, however often the move was cut; and nobody serves the old one.</summary>
public sealed class StoreMoveTests : IDisposable
{
    private const int Steps = 150;

    /// <summary>Ends a run in the middle, as a death would: what was committed stays, and nothing else.</summary>
    private sealed class CutException : Exception;

    private readonly TempFolder _folder = TempFolder.InMemory();
    private readonly ManualTimeProvider _time = new();
    private readonly string _schema = PostgresServer.NewSchema();
    private readonly List<string> _told = [];

    private StationDatabase Database => new(PostgresServer.One.ConnectionString, _schema, null);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_row_and_file_arrives_though_the_run_is_cut_after_each_page()
    {
        var file = await FillAsync(seed: 7);
        var before = await SnapshotAsync(OpenFile());
        var cuts = 0;
        MoveReport? report = null;
        while (report is null)
        {
            try
            {
                // Each run comes one page further than the one before.
                report = Move(() => throw new CutException());
            }
            catch (CutException)
            {
                cuts++;
                (await Should.ThrowAsync<PosthouseException>(ServeOnTargetAsync)).Code.ShouldBe(ErrorCodes.StoreBusy);
            }
        }

        cuts.ShouldBeGreaterThan(10);
        report.Resumed.ShouldBeTrue();
        (report.Files, report.FileBytes).ShouldBe((1, 60));
        report.Tables.ShouldContain(table => table.Table == "job" && table.Rows > 5);
        report.Tables.Where(table => table.Table.StartsWith("ivxp_", StringComparison.Ordinal)).ShouldAllBe(table => table.Rows > 0);
        (await SnapshotAsync(OpenDatabase())).ShouldBe(before);
        ReadAll(new PostgresVault(PostgresServer.One.ConnectionString, _schema, SystemIds.Instance, 1000).Open(file)).Length.ShouldBe(60);
    }

    [Fact]
    public async Task Jobs_and_events_are_numbered_on_from_where_the_file_was()
    {
        await FillAsync(seed: 3);
        long position;
        await using (var old = OpenFile())
        {
            await old.WriteAsync(write => write.Execute("DELETE FROM event WHERE position > (SELECT max(position) - 5 FROM event)"));
            position = await old.LastPositionAsync();
        }

        Move();
        await using var store = OpenDatabase();
        (await store.LastPositionAsync()).ShouldBe(position);
        await store.EnqueueAsync([PostgresGround.Draft("new")]);
        (await store.ReadEventsAsync(position, new EventFilter(), 10)).ShouldHaveSingleItem().Position.ShouldBeGreaterThan(position);
    }

    [Fact]
    public async Task A_folder_whose_store_was_moved_says_so_and_serves_the_file_no_more()
    {
        await FillAsync(seed: 1);
        var (exit, output, _) = await RunAsync();
        exit.ShouldBe(0);
        output.ShouldContain("the same on both sides");
        File.Exists(_folder.File("posthouse.db")).ShouldBeFalse();
        File.Exists(_folder.File("posthouse.db.moved")).ShouldBeTrue();

        Should.Throw<PosthouseException>(() => StoreMark.OfServer(Configuration.From(), _folder.Path)).Message.ShouldContain(Database.Shown);
        (exit, _, var error) = await RunAsync();
        (exit, error.Contains($"The store of {_folder.Path} is {Database.Shown} already", StringComparison.Ordinal)).ShouldBe((2, true), error);
        await ServeOnTargetAsync();
    }

    [Fact]
    public async Task The_document_has_each_table_with_its_count_and_hash()
    {
        await FillAsync(seed: 2);
        using var json = JsonDocument.Parse((await RunAsync("--json")).Output);
        var (data, job) = (json.RootElement.GetProperty("data"), json.RootElement.GetProperty("data").GetProperty("tables").GetProperty("job"));

        json.RootElement.GetProperty("status").GetString().ShouldBe("moved");
        (job.GetProperty("rows").GetInt64() > 0, job.GetProperty("sha256").GetString()!.Length).ShouldBe((true, 64));
        (data.GetProperty("files").GetProperty("count").GetInt32(), data.GetProperty("resumed").GetBoolean()).ShouldBe((1, false));
    }

    [Fact]
    public async Task What_was_begun_before_the_file_was_used_again_is_begun_anew()
    {
        await FillAsync(seed: 5);
        Should.Throw<CutException>(() => Move(() => throw new CutException()));
        await using (var store = OpenFile()) { await store.EnqueueAsync([PostgresGround.Draft("late")]); }

        var before = await SnapshotAsync(OpenFile());
        Move().Resumed.ShouldBeFalse();
        (await SnapshotAsync(OpenDatabase())).ShouldBe(before);
    }

    [Fact]
    public async Task A_served_folder_is_not_moved_nor_into_a_database_that_holds_another_store()
    {
        await FillAsync(seed: 1);
        using (ServeLock.Take(_folder.Path)) { Code(() => Move()).ShouldBe(ErrorCodes.StoreBusy); }

        await using (var file = OpenFile())
        {
            await file.JoinAsync(() => { });
            Code(() => Move()).ShouldBe(ErrorCodes.StoreBusy);
        }

        await using (var other = OpenDatabase())
        {
            var instance = await other.JoinAsync(() => { });
            await other.WriteAsync(write => write.Execute("UPDATE instance SET seen_at = (extract(epoch FROM clock_timestamp()) * 1000)::BIGINT"));
            Code(() => Move()).ShouldBe(ErrorCodes.StoreBusy);
            await other.LeaveAsync(instance);
            await other.EnqueueAsync([PostgresGround.Draft("other")]);
        }

        Should.Throw<PosthouseException>(() => Move()).Message.ShouldContain("holds another store: 1 row(s) in job");
        File.Exists(_folder.File("posthouse.db")).ShouldBeTrue();
        StoreMark.Read(_folder.Path).ShouldBeNull();
    }

    [Fact]
    public async Task A_file_that_somebody_has_open_is_not_moved_away_under_him()
    {
        await FillAsync(seed: 1);
        await using (OpenFile()) { Should.Throw<PosthouseException>(() => Move()).Message.ShouldContain("Another program has"); }

        Move();
    }

    [Fact]
    public async Task Who_waited_for_the_file_while_it_was_moved_does_not_write_to_it()
    {
        await FillAsync(seed: 1);
        Move();
        var place = new StorePlace(StoreKind.Given, _folder.Path);
        Code(() => place.Open(new(), [], _time, null, new JobRegistry())).ShouldBe(ErrorCodes.StoreBusy);
    }

    [Fact]
    public async Task A_move_that_was_cut_when_all_was_there_is_ended_though_the_database_has_gone_on()
    {
        await FillAsync(seed: 1);
        Should.Throw<CutException>(() => Move(beforeMark: () => throw new CutException()));
        StoreMark.Read(_folder.Path).ShouldBeNull();
        await using var serving = OpenDatabase();
        await serving.JoinAsync(() => { });
        await serving.EnqueueAsync([PostgresGround.Draft("sold-since")]);

        Move().Resumed.ShouldBeTrue();
        StoreMark.Read(_folder.Path).ShouldBe(Database.Shown);
        (await serving.GetAsync(JobId.Parse("sold-since"))).ShouldNotBeNull();
    }

    [Fact]
    public async Task Nothing_is_moved_that_arrives_otherwise_than_it_was_sent()
    {
        var file = await FillAsync(seed: 1);
        Should.Throw<CutException>(() => Move(() => throw new CutException()));
        await PostgresServer.One.AskAsync($"UPDATE {_schema}.job SET priority = 77 WHERE seq = (SELECT min(seq) FROM {_schema}.job)");
        Code(() => Move()).ShouldBe(ErrorCodes.StoreCorrupt);
        await PostgresServer.One.AskAsync($"DROP SCHEMA {_schema} CASCADE");

        File.WriteAllText(Path.Combine(_folder.Path, "vault", file[..2], file[2..]), "damaged");
        Code(() => Move()).ShouldBe(ErrorCodes.FileDamaged);
        StoreMark.Read(_folder.Path).ShouldBeNull();
    }

    [Fact]
    public async Task Files_go_into_the_shared_folder_where_one_is_configured()
    {
        var file = await FillAsync(seed: 1);
        var shared = Directory.CreateDirectory(_folder.File("shared")).FullName;
        await using (var served = OpenFile(StationFacts.Schema))
        {
            await served.WriteAsync(write =>
            {
                StationFacts.Note(write, StationFacts.Files, SharedFolder.InStore);
                return true;
            });
        }

        new StoreMove(_folder.Path, Database, shared, _time, _told.Add).Run().Files.ShouldBe(1);

        ReadAll(new FolderVault(Path.Combine(shared, "vault"), _time, SystemIds.Instance).Open(file)).Length.ShouldBe(60);
        await using var store = OpenDatabase();
        (await store.ReadAsync(read => StationFacts.Find(read, StationFacts.Files))).ShouldBe("folder");
    }

    /// <summary>Random commands, orders of every table, and a file; answers the file's hash.</summary>
    private async Task<string> FillAsync(int seed)
    {
        await using var run = new StoreInRun(OpenFile(), (store, instance) =>
        {
            ((SqliteJobStore)store).Session.Instances.Abandon(instance);
            return Task.CompletedTask;
        });
        await run.JoinAsync();
        var commands = new RandomCommands(seed, _time);
        for (var step = 0; step < Steps; step++)
        {
            try
            {
                await commands.Next().Command(run);
            }
            catch (PosthouseException)
            {
                // Refused, which is an answer, too.
            }
        }

        var path = _folder.File("photo");
        await File.WriteAllBytesAsync(path, new byte[60]);
        var stored = await new FolderVault(_folder.File("vault"), _time, SystemIds.Instance).StageAsync(JobFile.FromPath(path), run.Store.StageAsync);
        await run.Store.EnqueueAsync([PostgresGround.Draft("with-file") with { Files = [stored] }]);
        await ((IStore)run.Store).WriteAsync(write =>
        {
            // The commands name a file that nobody ever had.
            write.Execute("DELETE FROM job_file WHERE hash <> $1", stored.Hash);
            write.Execute("DELETE FROM vault_file WHERE hash <> $1", stored.Hash);
            foreach (var statement in OrderRowsOfEveryTable) { write.Execute(statement); }
            write.Execute("INSERT INTO ivxp_deliverable (order_id, delivery_id, type, content, hash, hash_raw, hash_python, signed_text, signature) VALUES ('ivxp-1', 'd', 't', $1, 'h', 'h', 'h', 's', 's')",
                Encoding.UTF8.GetBytes("{\"text\":\"größe 🌍\"}"));
            return true;
        });
        return stored.Hash;
    }

    private static readonly string[] OrderRowsOfEveryTable =
    [
        """
        INSERT INTO ivxp_order (order_id, version, state, protocol, service_type, description, client_name, client_address, price_units, payment_address, network, created_at, pay_until,
          tx_hash, paid_at, content_hash, push, push_attempts, change_no, kept_from)
        VALUES ('ivxp-1', 5, 'ready', 'IVXP/1.1', 't', 'größe 🌍', 'c', '0xc', 5000000, '0xp', 'base-sepolia', 1, 2, '0xt', 3, 'sha256:h', 'none', 0, 1, 9),
               ('ivxp-2', 1, 'quoted', 'IVXP/1.0', 't', '', 'c', '0xc', 1, '0xp', 'base-sepolia', 1, 2, NULL, NULL, NULL, 'none', 0, 2, NULL)
        """,
        "INSERT INTO ivxp_order_history VALUES ('ivxp-1', 1, 1, 'requested', NULL, 'quoted', 'client', NULL), ('ivxp-1', 2, 2, 'payment_verified', 'quoted', 'paid', 'client', '0xt')",
        "INSERT INTO ivxp_payment VALUES ('base-sepolia', '0xt', 'ivxp-1', 5000000, 1, 2, 's', 's')",
        "INSERT INTO ivxp_claim VALUES ('ivxp-2', '0xu', 's', 's', NULL, 4)",
        "INSERT INTO ivxp_nonce VALUES ('ivxp-1', 'n', '0xt')",
        "INSERT INTO ivxp_receipt VALUES ('ivxp-1', 'receipt', 'X1', 's', 's', NULL, 5, NULL, 6)",
        "INSERT INTO ivxp_clock VALUES (1, 123, 'p')",
        "INSERT INTO ivxp_notice VALUES ('ivxp-1', 'webhook')",
        "INSERT INTO ivxp_announcement VALUES ('0xa', 'ivxp-1', 1, 2, 3, 4, 'raw', 5, NULL)",
        "INSERT INTO devchain_block VALUES (1, 'h', 'p', 1, '0xt', 'f', 't', 5)",
    ];

    private SqliteJobStore OpenFile(params SchemaPart[] more) => SqliteJobStore.Open(
        new SqliteStoreOptions { Path = _folder.File("posthouse.db"), Parts = [OrderRows.Schema, Announcements.Schema, DevChain.Schema, .. more], Time = _time, Ids = SystemIds.Instance, Limits = new() { MaxJobBytes = 200 } }, new JobRegistry());

    private PostgresJobStore OpenDatabase() => PostgresJobStore.Open(
        new PostgresStoreOptions { ConnectionString = PostgresServer.One.ConnectionString, Schema = _schema, Time = _time, Ids = SystemIds.Instance, Parts = [StationFacts.Schema] }, new JobRegistry());

    private MoveReport Move(Action? afterPage = null, Action? beforeMark = null) =>
        new StoreMove(_folder.Path, Database, null, _time, _told.Add) { AfterPage = afterPage ?? (() => { }), BeforeMark = beforeMark ?? (() => { }) }.Run();

    /// <summary>What a server asks of its store before it begins.</summary>
    private async Task ServeOnTargetAsync()
    {
        var services = new ServiceCollection();
        StationPostgres.Use(services.AddPosthouse().AddSchema(StationFacts.Schema), Database);
        await using var provider = services.BuildServiceProvider();
        await SharedFolder.OpenAsync(provider, Configuration.From());
    }

    private static async Task<string> SnapshotAsync(SqlJobStore store)
    {
        await using (store)
        {
            return await new StoreInRun(store, (_, _) => Task.CompletedTask).SnapshotAsync();
        }
    }

    private static string Code(Action act) => Should.Throw<PosthouseException>(act).Code;

    private static byte[] ReadAll(Stream stream)
    {
        using (stream)
        {
            using var all = new MemoryStream();
            stream.CopyTo(all);
            return all.ToArray();
        }
    }

    private async Task<(int Exit, string Output, string Error)> RunAsync(params string[] words)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var exit = await CommandLine.RunAsync(Program.CreateRoot(_time),
            ["store", "move", "--from", "sqlite", "--to", "postgres", "--data", _folder.Path, "--set", "Store:Postgres:Connection=" + Database.Connection, "--set", "Store:Postgres:Schema=" + _schema, .. words], output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
