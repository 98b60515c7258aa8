using Posthouse.Files;
using Posthouse.Jobs;
using Posthouse.Postgres;
using Posthouse.Tests.Files;

namespace Posthouse.Tests.Postgres;

/// <summary>A vault in the database.</summary>
public sealed class PostgresVaultTests : FileCustodyContract
{
    private readonly string _schema = PostgresServer.NewSchema();

    public PostgresVaultTests()
    {
        var options = new PostgresStoreOptions
        {
            ConnectionString = PostgresServer.One.ConnectionString,
            Schema = _schema,
            Parts = [PostgresVault.Schema],
            Time = TimeProvider.System,
            Ids = SystemIds.Instance,
        };
        PostgresJobStore.Open(options, new JobRegistry()).DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    [Fact]
    public async Task What_a_dead_process_left_is_removed_after_an_hour_and_what_is_under_way_is_not()
    {
        await PostgresServer.One.AskAsync($"""
            INSERT INTO {_schema}.vault_copy (copy, size, touched_at) SELECT 'dead', 1, {PostgresVault.Now} - 3600001;
            INSERT INTO {_schema}.vault_piece VALUES ('dead', 0, 'x');
            INSERT INTO {_schema}.vault_copy (copy, size, touched_at) SELECT 'busy', 1, {PostgresVault.Now} - 3500000
            """);
        await StageAsync(Source([1]));

        (await PostgresServer.One.AskAsync($"SELECT string_agg(copy, ',') FROM {_schema}.vault_copy WHERE hash IS NULL")).ShouldBe("busy");
        (await PostgresServer.One.AskAsync($"SELECT count(*) FROM {_schema}.vault_piece WHERE copy = 'dead'")).ShouldBe(0L);
    }

    [Fact]
    public async Task A_copy_that_was_given_up_is_refused_its_name_however_late_it_goes_on()
    {
        var lost = await Should.ThrowAsync<PosthouseException>(Open().StageAsync(Source([1, 2]), async _ =>
        {
            await PostgresServer.One.AskAsync($"UPDATE {_schema}.vault_copy SET touched_at = touched_at - 3600001");
            await StageAsync(Source([3], "other"));
        }));
        lost.Code.ShouldBe(ErrorCodes.FileDamaged);
        Open().List().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Freeing_touches_a_row_and_the_bytes_go_afterwards_some_at_a_time()
    {
        const int Pieces = 150;
        var stored = await StageAsync(Source([7]));
        await PostgresServer.One.AskAsync($"INSERT INTO {_schema}.vault_piece SELECT copy, part, 'x' FROM {_schema}.vault_copy, generate_series(1, {Pieces - 1}) AS part");
        var vault = Open();
        vault.Delete(stored.Hash);
        (await PiecesAsync()).ShouldBe(Pieces);

        var left = new List<long>();
        while (vault.RemoveGivenUp()) { left.Add(await PiecesAsync()); }
        left.ShouldBe([86, 22]);
        (await PostgresServer.One.AskAsync($"SELECT count(*) FROM {_schema}.vault_copy")).ShouldBe(0L);
    }

    [Fact]
    public async Task A_sweep_removes_the_bytes_of_what_it_freed_though_nothing_is_staged_any_more()
    {
        var time = new ManualTimeProvider();
        var options = new PostgresStoreOptions
        {
            ConnectionString = PostgresServer.One.ConnectionString,
            Schema = _schema,
            Parts = [PostgresVault.Schema],
            Files = Open(),
            Time = time,
            Ids = SystemIds.Instance,
        };
        await using var store = PostgresJobStore.Open(options, new JobRegistry());
        await Open().StageAsync(Source([1, 2, 3]), store.StageAsync);
        await store.SweepAsync(TimeSpan.FromHours(1));
        (await PiecesAsync()).ShouldBe(1);

        time.Advance(TimeSpan.FromMinutes(61));
        await store.SweepAsync(TimeSpan.FromHours(1));
        (await PiecesAsync()).ShouldBe(0);
    }

    private async Task<long> PiecesAsync() => (long)(await PostgresServer.One.AskAsync($"SELECT count(*) FROM {_schema}.vault_piece"))!;

    private protected override IFileCustody Open() => new PostgresVault(PostgresServer.One.ConnectionString, _schema, SystemIds.Instance, MaxBytes);

    private protected override void Damage(string hash) =>
        PostgresServer.One.AskAsync($"UPDATE {_schema}.vault_piece SET bytes = set_byte(set_byte(set_byte(bytes, 0, 7), 1, 7), 2, 7) WHERE part = 0").GetAwaiter().GetResult();
}
