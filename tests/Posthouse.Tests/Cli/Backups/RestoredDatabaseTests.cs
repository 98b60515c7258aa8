using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using Posthouse.Cli;
using Posthouse.Cli.Backups;
using Posthouse.Cli.Hosting;
using Posthouse.Ivxp.Orders;
using Posthouse.Jobs;
using Posthouse.Postgres;
using Posthouse.Queue;
using Posthouse.Storage;
using Posthouse.Tests.Postgres;
using Posthouse.Tests.Storage;

namespace Posthouse.Tests.Cli.Backups;

/// <summary>Backups of a station whose store is in a database: by the database's own means, and not by the verbs for files.</summary>
public sealed class RestoredDatabaseTests : IDisposable
{
    private readonly TempFolder _folder = TempFolder.InMemory();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_dump_comes_back_paused_and_ahead_of_what_it_forgot()
    {
        await using var ground = new PostgresGround();
        var lost = ground.Open(OrderRows.Schema, PostgresVault.Schema);
        await lost.EnqueueAsync([PostgresGround.Draft("mail-1"), PostgresGround.Draft("mail-2")]);
        await lost.ClaimAsync(new ClaimRequest(await lost.JoinAsync(() => { }), 1, TimeSpan.FromSeconds(60)));
        var dump = _folder.File("dump");
        await PostgresAsync("pg_dump", "--format=custom", $"--schema={ground.Schema}", $"--file={dump}", "postgres");

        var name = $"restored_{ground.Schema}";
        var place = PostgresServer.One.ConnectionString.Replace("Database=postgres", $"Database={name}", StringComparison.Ordinal);
        await PostgresServer.One.AskAsync($"CREATE DATABASE {name}");
        (await ReadyAsync(place, ground.Schema)).ShouldSatisfyAllConditions(ran => ran.Exit.ShouldBe(1), ran => ran.Error.ShouldContain("Put it back with pg_restore first"));
        await PostgresAsync("pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", $"--dbname={name}", dump);
        (await ReadyAsync(place, ground.Schema)).ShouldSatisfyAllConditions(ran => ran.Exit.ShouldBe(7), ran => ran.Error.ShouldContain("Wait that minute"));
        await AskAsync(place, $"UPDATE {ground.Schema}.instance SET seen_at = seen_at - 60000");

        var (exit, output, error) = await ReadyAsync(place, ground.Schema, "--json");

        (exit, error).ShouldBe((0, ""));
        JsonDocument.Parse(output).RootElement.GetProperty("data").GetProperty("open_jobs").GetInt64().ShouldBe(2);
        await using var restored = ground.Open(ground.Options([OrderRows.Schema]) with { ConnectionString = place });
        (await restored.CountAsync()).Paused.ShouldBeTrue();
        (await restored.ListAsync(new JobQuery())).ShouldAllBe(row => row.Claims >= StationRestore.FencesAhead);
        var said = (await restored.ReadEventsAsync(StationRestore.Ahead, new EventFilter(), 10)).ShouldHaveSingleItem();
        (said.Kind, await restored.LastPositionAsync()).ShouldBe((StationRestore.Restored, said.Position));
        // The process that had it is gone; its lease is taken over under the same id.
        await restored.JoinAsync(() => { });
        (await restored.GetAsync(JobId.Parse("mail-1")))!.State.ShouldBe(JobState.Pending);
    }

    [Fact]
    public async Task A_file_is_neither_backed_up_nor_put_back_where_the_store_is_in_a_database()
    {
        const string Place = "postgresql://db.internal/shop?schema=posthouse";
        string[] database = ["--set", "Store:Postgres:Connection=Host=db.internal;Database=shop"];
        var (marked, fresh) = (_folder.File("marked"), _folder.File("fresh"));
        Durable.CreatePrivateDirectory(marked);
        StoreMark.Write(marked, Place);
        File.WriteAllText(Path.Combine(marked, StorePlace.DatabaseName), "as it was before it was moved");

        foreach (var words in (string[][])[
            ["backup", _folder.File("backup"), "--data", marked], ["backup", _folder.File("backup"), "--data", marked, .. database],
            ["backup", _folder.File("backup"), "--set", $"DataDirectory={fresh}", .. database]])
        {
            (await RunAsync(words)).ShouldSatisfyAllConditions(ran => ran.Exit.ShouldBe(2), ran => ran.Error.ShouldContain($"is {Place}, which is backed up with pg_dump"));
        }

        Directory.Exists(_folder.File("backup")).ShouldBeFalse();
        foreach (var words in (string[][])[["restore", _folder.File("backup"), "--data", marked], ["restore", _folder.File("backup"), "--set", $"DataDirectory={fresh}", .. database]])
        {
            (await RunAsync(words)).ShouldSatisfyAllConditions(ran => ran.Exit.ShouldBe(2), ran => ran.Error.ShouldContain("Name another folder with --data DIR"));
        }

        Directory.Exists(fresh).ShouldBeFalse();
        (await RunAsync(["store", "restored"])).ShouldSatisfyAllConditions(ran => ran.Exit.ShouldBe(2), ran => ran.Error.ShouldContain("'posthouse restore' does this by itself"));
    }

    private static Task<(int Exit, string Output, string Error)> ReadyAsync(string place, string schema, params string[] options) =>
        RunAsync(["store", "restored", "--set", $"Store:Postgres:Connection={place}", "--set", $"Store:Postgres:Schema={schema}", .. options]);

    private static async Task<(int Exit, string Output, string Error)> RunAsync(string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        return (await CommandLine.RunAsync(Program.CreateRoot(TimeProvider.System), words, output, error), output.ToString(), error.ToString());
    }

    private static async Task AskAsync(string place, string sql)
    {
        await using var connection = new NpgsqlConnection(place + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task PostgresAsync(string program, params string[] words)
    {
        var start = new ProcessStartInfo(program, words) { RedirectStandardError = true };
        var server = new NpgsqlConnectionStringBuilder(PostgresServer.One.ConnectionString);
        (start.Environment["PGHOST"], start.Environment["PGUSER"]) = (server.Host, server.Username);
        using var process = Process.Start(start)!;
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, said);
    }
}
