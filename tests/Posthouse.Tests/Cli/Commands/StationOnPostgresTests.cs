using System.Text.Json;
using Posthouse.Cli;
using Posthouse.Cli.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Jobs;
using Posthouse.Storage;
using Posthouse.Tests.Postgres;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Commands;

/// <summary>The verbs of a station work on its store without its server, where that is a database, too.</summary>
public sealed class StationOnPostgresTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _schema = PostgresServer.NewSchema();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_queue_verb_looks_at_the_database_and_changes_it()
    {
        await using (var store = Open())
        {
            await store.EnqueueAsync([QueueStage.Draft("mail-1"), QueueStage.Draft("mail-2")]);
            var me = await store.JoinAsync(() => { });
            var lease = (await store.ClaimAsync(new ClaimRequest(me, 1, TimeSpan.FromSeconds(60)))).ShouldHaveSingleItem().Lease;
            await store.SettleAsync(lease, new Settlement(SettlementKind.Dead) { Counted = true, Reason = DeadReason.Rejected, Failure = new Failure(FailureKind.Permanent, "Nobody knows ann") });
        }

        (await RunAsync("queue", "status")).Output.ShouldContain("Store: postgresql://");
        var (exit, output, _) = await RunAsync("queue", "list", "--json");
        exit.ShouldBe(0);
        using (var json = JsonDocument.Parse(output))
        {
            var data = json.RootElement.GetProperty("data");
            data.GetProperty("store").GetProperty("path").GetString().ShouldEndWith("?schema=" + _schema);
            data.GetProperty("jobs").GetArrayLength().ShouldBe(2);
        }

        (await RunAsync("queue", "retry", "mail-1")).Exit.ShouldBe(0);
        (await RunAsync("queue", "pause")).Exit.ShouldBe(0);
        (await RunAsync("queue", "show", "mail-2")).Exit.ShouldBe(0);
        await using var after = Open();
        var counts = await after.CountAsync();
        (counts.Paused, counts.Ready, counts.Failed).ShouldBe((true, 2, 0));
    }

    [Fact]
    public async Task A_running_job_is_one_of_a_process_that_lives_until_it_has_long_been_silent()
    {
        await using var store = Open();
        await store.EnqueueAsync([QueueStage.Draft("mail-1")]);
        await store.ClaimAsync(new ClaimRequest(await store.JoinAsync(() => { }), 1, TimeSpan.FromSeconds(60)));
        (await RunAsync("queue", "status")).Output.ShouldNotContain("Interrupted");
        (await RunAsync("queue", "sync", "--max-time", "1")).Output.ShouldContain($"Server is running at another machine or folder, as process {Environment.ProcessId}");

        await store.WriteAsync(write => write.Execute("UPDATE instance SET seen_at = seen_at - 60001"));
        (await RunAsync("queue", "status")).Output.ShouldContain("Interrupted");
    }

    [Fact]
    public async Task A_store_that_nobody_has_set_up_is_none()
    {
        (await RunAsync("queue", "status")).Output.ShouldContain("which a starting server sets up");
        (await RunAsync("queue", "retry", "mail-1")).Error.ShouldContain("There is no store at postgresql://");
        (await RunAsync("order", "reputation")).Error.ShouldContain("There is no store at postgresql://");
        (await PostgresServer.One.AskAsync($"SELECT 1 FROM pg_namespace WHERE nspname = '{_schema}'")).ShouldBeNull();
    }

    [Fact]
    public async Task A_sellers_verb_reads_and_changes_the_databases_orders()
    {
        await using (Open([OrderRows.Schema])) { }

        (await RunAsync("order", "reputation")).Exit.ShouldBe(0);
        (await RunAsync("order", "push", "list")).Exit.ShouldBe(0);
        (await RunAsync("order", "resolve", "ivxp-00000000", "--close")).Error.ShouldContain("No order here begins with");
    }

    [Fact]
    public async Task Operations_on_projects_are_not_queued_in_a_servers_store()
    {
        var (exit, _, error) = await RunAsync("queue", "import", _folder.Path);
        (exit, error.Contains("a person's own store", StringComparison.Ordinal)).ShouldBe((2, true));
    }

    private SqlJobStore Open(IReadOnlyList<SchemaPart>? parts = null) =>
        StationPostgres.Open(new StationDatabase(PostgresServer.One.ConnectionString, _schema, null), new(), parts ?? [], TimeProvider.System, null, new JobRegistry());

    private async Task<(int Exit, string Output, string Error)> RunAsync(params string[] words)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        StoreMark.Write(_folder.Path, new StationDatabase(PostgresServer.One.ConnectionString, _schema, null).Shown);
        var exit = await CommandLine.RunAsync(Program.CreateRoot(TimeProvider.System),
            [.. words, "--data", _folder.Path, "--set", "Store:Postgres:Connection=" + PostgresServer.One.ConnectionString, "--set", "Store:Postgres:Schema=" + _schema], output, error);
        return (exit, output.ToString(), error.ToString());
    }
}
